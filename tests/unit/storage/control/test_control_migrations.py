"""The migrations are one after the other, and agree with the constant HEAD.

That they make the tables which statements name is a contract test: in every database.
"""

from alembic.config import Config
from alembic.script import ScriptDirectory

from llm_analytics_hub.storage.control.migrate import HEAD, SCRIPTS


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_each_migration_follows_the_one_before() -> None:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    newest_first = list(ScriptDirectory.from_config(config).walk_revisions())
    revisions = [script.revision for script in newest_first]
    assert revisions == sorted(revisions, reverse=True)
    assert [script.down_revision for script in newest_first] == [*revisions[1:], None]
