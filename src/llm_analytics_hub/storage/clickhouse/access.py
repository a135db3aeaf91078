"""Who may do what inside the engine: the hub all, a reader by SQL only the views made for it.

chDB has one user. It gets its rights through two roles, so that a connection can give up those of
the hub (`SET ROLE sql_reader`) and keep what is left for its whole life.
"""

from pathlib import Path
from xml.sax.saxutils import escape

READER_ROLE = "sql_reader"
VIEWS = "sql_views"
"""The database of the views that a reader by SQL sees."""

# An index that is looked at while data is read leaves whole parts to be opened: one trace of ten
# million events takes twice as long (measured).
_ACCESS = f"""<clickhouse>
<users_config>{{path}}</users_config>
<profiles><default>
<use_skip_indexes_on_data_read>0</use_skip_indexes_on_data_read>
</default></profiles>
<roles>
<hub><grants><query>GRANT ALL ON *.*</query></grants></hub>
<{READER_ROLE}><grants><query>GRANT SELECT ON {VIEWS}.*</query></grants></{READER_ROLE}>
</roles>
<users><default>
<password></password>
<profile>default</profile>
<networks><ip>::1</ip><ip>127.0.0.1</ip></networks>
<grants><query>GRANT hub</query><query>GRANT {READER_ROLE}</query></grants>
</default></users>
</clickhouse>
"""


def write_access(folder: Path) -> Path:
    """The file with these rights, in the engine's `folder`; written where it is not there yet."""
    file = folder.resolve() / "access.xml"
    text = _ACCESS.format(path=escape(str(file)))
    if not file.exists() or file.read_text("utf-8") != text:
        file.write_text(text, "utf-8")
    return file
