"""Texts that would do something if they ever were part of a statement, a path, a page or a format."""

_ENDS = ("'", '"', "`", "')", "'))", "\\'", "';", "\\", "'/*", "\u2019", "\uff07")
_DEEDS = (
    " OR 1=1 --", " OR '1'='1", "; DROP TABLE events; --", " UNION ALL SELECT tenant, service FROM events --",
    "; TRUNCATE TABLE default.events", " AND sleep(3)=0 --", " FORMAT Null",
)  # fmt: skip
_SHIFTS = (0, 2, 4)

TEXTS: tuple[str, ...] = (
    *(end + _DEEDS[(n + shift) % len(_DEEDS)] for shift in _SHIFTS for n, end in enumerate(_ENDS)),
    "beta' OR tenant = 'beta", "1; SELECT * FROM system.users", "x' SETTINGS log_comment = 'beta' --",
    "{p0:String}", "{p0:Identifier}", "{tenant:String}", "{{7*7}}", "${jndi:ldap://x}", "$1", "?", ":1", "%s%n", "%27",
    "toString(1)", "1=1", "1 OR 1=1", "(SELECT service FROM default.events LIMIT 1)", "*", "events.tenant", "`tenant`",
    "url('http://127.0.0.1:1/x')", "file('/etc/passwd')", "remote('127.0.0.1', default.events)", "executable('id')",
    "../../etc/passwd", "..%2f..%2fetc", "/etc/passwd", "C:\\x", "a\x00b", "\x00", "a\nb", "a\r\nX-Tenant: beta", "\t", "\x1b[2J",
    "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "__proto__", "constructor", "null", "NULL", "true", "NaN", "Infinity",
    "1e400", "-0", "9223372036854775808", "0x41", "\u202etxet", "\ufeff", "\U0001f4a5", "\u00e9\u0301", "\ud7ff", "\uffff", " ", "",
    "x" * 4096, "'" * 300, "(" * 300, "/* */", "-- ", "# ", "\\x27", "\\u0027", "\\0", "', 'a') OR ('1' = '1",
    "attributes.a', 'b", "a.b.c", "['a']", "$.a", "a' AS x, (SELECT 1) AS `y",
)  # fmt: skip
