# ruff: noqa: RUF001, S608 - letters that look like others, and SQL put together, are the point
"""Statements of somebody who wants what is not his; `CANARY` is a file of this machine."""

STATEMENTS = """
SELECT 1; SELECT 2
SELECT count() FROM events; SELECT * FROM default.events
SELECT 1; SET ROLE ALL; SELECT * FROM default.events
SELECT 1; SET readonly=0
SELECT 1;;SELECT * FROM system.tables
SELECT 1 /* ; */ ; DROP TABLE default.events
SELECT 1 -- comment\\n; SELECT * FROM default.events
SELECT 1 /* nested /* */ ; SELECT * FROM default.events */
SELECT 1 # x\\n; SELECT * FROM default.events
SELECT 'a\\\\'; SELECT * FROM default.events -- '
SELECT 'a'';' ; SELECT * FROM default.events
SELECT * FROM events WHERE model = '' OR 1=1
SELECT * FROM events WHERE model = '' OR tenant = 'theirs'
SELECT * FROM events WHERE tenant = 'theirs'
SELECT tenant FROM events
SELECT e.tenant FROM events AS e
SELECT events.tenant FROM events
SELECT `tenant` FROM events
SELECT COLUMNS('tenant') FROM events
SELECT COLUMNS('.*') FROM events
SELECT * EXCEPT model FROM events
SELECT * REPLACE ('theirs' AS model) FROM events
SELECT 'theirs' AS tenant, * FROM events WHERE tenant = 'theirs'
WITH 'theirs' AS tenant SELECT * FROM events
SELECT * FROM (SELECT *, 'theirs' AS tenant FROM events)
SELECT count() FROM events AS e JOIN events AS f ON 1 = 1
SELECT * FROM events AS a CROSS JOIN events AS b LIMIT 3
SELECT * FROM events AS a LEFT JOIN metrics AS b ON a.asset_id = b.asset_id
SELECT * FROM events AS a RIGHT JOIN assets AS b ON a.asset_id = b.asset_id
SELECT * FROM events AS a FULL JOIN assets AS b ON a.asset_id = b.asset_id
SELECT * FROM events AS a ASOF JOIN events AS b ON a.model = b.model AND a.occurred_at >= b.occurred_at
SELECT * FROM events AS a PASTE JOIN (SELECT 1 AS q) AS b
SELECT * FROM events AS a ANY JOIN default.events AS b USING model
SELECT * FROM events GLOBAL ANY LEFT JOIN default.events USING event_id
SELECT event_key FROM events
SELECT key_until, expires_on FROM events
SELECT content_id, body FROM contents
SELECT * FROM contents
SELECT * FROM dead_letters
SELECT * FROM asset_facts
SELECT * FROM schema_migrations
SELECT * FROM rollup_5m_view
SELECT * FROM default.events
SELECT * FROM default.contents
SELECT * FROM `default`.`events`
SELECT * FROM "default"."events"
SELECT * FROM "default.events"
SELECT * FROM `default`.events AS events
SELECT default.events.model FROM events
SELECT * FROM sql_views.events
SELECT * FROM DEFAULT.events
SELECT * FROM default . events
SELECT * FROM default/**/./**/events
SELECT * FROM _temporary_and_external_tables.x
SELECT * FROM system.tables
SELECT * FROM system.processes
SELECT * FROM system.settings
SELECT * FROM system.parts
SELECT * FROM system.users
SELECT * FROM system.columns
SELECT * FROM system.query_log
SELECT * FROM system.stack_trace
SELECT * FROM system.one
SELECT * FROM system.numbers LIMIT 1
SELECT * FROM SYSTEM.TABLES
SELECT * FROM `system`.`tables`
SELECT * FROM information_schema.tables
SELECT * FROM INFORMATION_SCHEMA.COLUMNS
SELECT table_name FROM information_schema.views
SELECT 1 UNION ALL SELECT count() FROM system.tables
SELECT model FROM events UNION ALL SELECT model FROM default.events
SELECT model FROM events UNION DISTINCT SELECT name FROM system.databases
SELECT model FROM events INTERSECT SELECT model FROM default.events
SELECT model FROM events EXCEPT SELECT model FROM default.events
(SELECT 1) UNION ALL (SELECT count() FROM default.events)
SELECT (SELECT count() FROM default.events)
SELECT (SELECT any(model) FROM `default`.events)
SELECT * FROM (SELECT * FROM (SELECT * FROM default.events))
SELECT * FROM events WHERE model IN (SELECT model FROM default.events)
SELECT * FROM events WHERE model IN default.events
SELECT * FROM events WHERE model IN (default.events)
SELECT * FROM events WHERE model NOT IN system.tables
SELECT 'x' IN (system.tables)
SELECT 'x' IN `system`.`tables`
SELECT in('x', system.tables)
SELECT globalIn('x', default.events)
SELECT nullIn('x', system.databases)
SELECT * FROM events WHERE model GLOBAL IN system.tables
SELECT * FROM events WHERE model IN contents
SELECT * FROM events WHERE EXISTS (SELECT 1 FROM default.contents)
WITH events AS (SELECT * FROM default.events) SELECT * FROM events
WITH events AS (SELECT 1 AS tenant) SELECT * FROM events
WITH x AS (SELECT * FROM system.tables) SELECT * FROM x
WITH default AS (SELECT 1) SELECT * FROM default.events
WITH system AS (SELECT 1 AS tables) SELECT * FROM system.tables
WITH (SELECT count() FROM default.events) AS n SELECT n
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r
WITH RECURSIVE r AS (SELECT model FROM default.events UNION ALL SELECT * FROM r) SELECT * FROM r
SELECT * FROM events AS `default.events`
SELECT * FROM file('CANARY', 'LineAsString')
SELECT * FROM file('/etc/passwd', 'LineAsString')
SELECT file('CANARY')
SELECT file('/etc/passwd')
SELECT FILE('/etc/passwd')
SELECT `file`('/etc/passwd')
SELECT "file"('/etc/passwd')
SELECT arrayMap(x -> file(x), ['/etc/passwd'])
SELECT arrayMap(file, ['/etc/passwd'])
SELECT arrayMap(FILE, ['/etc/passwd'])
SELECT arrayMap(`file`, ['/etc/passwd'])
SELECT arrayMap({f:Identifier}, ['/etc/passwd'])
SELECT arrayFilter(file, ['/etc/passwd'])
SELECT arrayFold(file, ['/etc/passwd'], '')
SELECT mapApply(file, map('a', '/etc/passwd'))
SELECT arraySort(file, ['/etc/passwd', '/etc/hosts'])
SELECT arrayMap(hostName, [1])
SELECT arrayMap(getSetting, ['log_comment'])
WITH file AS f SELECT arrayMap(f, ['/etc/passwd'])
SELECT arrayMap((SELECT file), ['/etc/passwd'])
SELECT arrayMap(x, ['/etc/passwd']) FROM (SELECT file AS x)
SELECT arrayMap(tupleElement(file, 1), ['/etc/passwd'])
SELECT arrayReduce('groupArray', arrayMap(sleep, [1]))
WITH x -> file(x) AS f SELECT f('/etc/passwd')
SELECT * APPLY(file) FROM (SELECT '/etc/passwd')
SELECT * APPLY(x -> file(x)) FROM (SELECT '/etc/passwd')
SELECT COLUMNS('x') APPLY file FROM (SELECT 'CANARY' AS x)
SELECT count() FILTER (WHERE file('/etc/passwd') != '')
SELECT sum(1) OVER (ORDER BY file('/etc/passwd'))
SELECT 1 ORDER BY file('/etc/passwd')
SELECT sum(number) OVER (ORDER BY number ROWS BETWEEN length(file('/etc/passwd')) PRECEDING AND CURRENT ROW) FROM numbers(3)
SELECT number FROM numbers(3) ORDER BY number WITH FILL STEP length(file('/etc/passwd'))
SELECT number FROM numbers(3) ORDER BY number WITH FILL STALENESS length(file('/etc/passwd'))
SELECT number, '' AS x FROM numbers(3) ORDER BY number WITH FILL TO 9 INTERPOLATE (x AS file('/etc/passwd'))
SELECT DISTINCT ON (file('/etc/passwd')) 1
SELECT 1 ORDER BY 1 OFFSET length(file('/etc/passwd')) ROWS FETCH FIRST 1 ROWS ONLY
SELECT TOP 1 file('/etc/passwd')
SELECT now() + INTERVAL length(file('/etc/passwd')) SECOND
SELECT quantile(length(file('/etc/passwd')))(number) FROM numbers(3)
SELECT * REPLACE (file('/etc/passwd') AS number) FROM numbers(3)
SELECT CASE WHEN 1 THEN file('/etc/passwd') ELSE '' END
SELECT CASE file('/etc/passwd') WHEN '' THEN 1 END
SELECT 1 WHERE '' = ANY (SELECT file('/etc/passwd'))
SELECT file('/etc/passwd')::String
SELECT CAST(file('/etc/passwd') AS String)
SELECT [file('/etc/passwd')][1], (file('/etc/passwd'), 1).1
SELECT {'a': file('/etc/passwd')}
SELECT 1 ? file('/etc/passwd') : ''
SELECT EXTRACT(YEAR FROM file('/etc/passwd'))
SELECT TRIM(BOTH ' ' FROM file('/etc/passwd'))
SELECT * FROM (SELECT 1) AS a JOIN (SELECT 1) AS b USING (file)
SELECT 1 GROUP BY file('/etc/passwd')
SELECT 1 HAVING file('/etc/passwd') != ''
SELECT 1 QUALIFY file('/etc/passwd') != ''
SELECT 1 LIMIT length(file('/etc/passwd'))
SELECT 1 LIMIT 1 BY file('/etc/passwd')
SELECT 1 FROM events PREWHERE file('/etc/passwd') != ''
SELECT 1 FROM events ARRAY JOIN [file('/etc/passwd')] AS x
SELECT 1 FROM events AS a JOIN events AS b ON a.model = file('/etc/passwd')
SELECT number FROM numbers(3) ORDER BY number WITH FILL FROM length(file('/etc/passwd'))
SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')
SELECT * FROM url('file:///etc/passwd', 'LineAsString')
SELECT * FROM urlCluster('default', 'http://127.0.0.1:1/')
SELECT * FROM s3('http://127.0.0.1:1/x.csv')
SELECT * FROM s3Cluster('default', 'http://127.0.0.1:1/x.csv')
SELECT * FROM gcs('http://127.0.0.1:1/x.csv')
SELECT * FROM azureBlobStorage('x', 'y', 'z')
SELECT * FROM hdfs('hdfs://127.0.0.1:1/x')
SELECT * FROM deltaLake('x')
SELECT * FROM iceberg('x')
SELECT * FROM hudi('x')
SELECT * FROM remote('127.0.0.1', default.events)
SELECT * FROM remoteSecure('127.0.0.1', default.events)
SELECT * FROM cluster('default', default.events)
SELECT * FROM clusterAllReplicas('default', system.one)
SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')
SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')
SELECT * FROM mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'a Int8')
SELECT * FROM redis('127.0.0.1:1', 'k', 'k String')
SELECT * FROM sqlite('CANARY', 't')
SELECT * FROM jdbc('x', 'y', 'z')
SELECT * FROM odbc('x', 'y', 'z')
SELECT * FROM merge('default', '.*')
SELECT * FROM merge('sql_views', 'events')
SELECT * FROM merge('events')
SELECT * FROM merge(REGEXP('.*'), '.*')
SELECT * FROM view(SELECT * FROM default.events)
SELECT * FROM view(SELECT 1)
SELECT * FROM viewIfPermitted(SELECT * FROM default.events ELSE null('x Int8'))
SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))
SELECT * FROM (EXPLAIN SELECT 1)
SELECT (EXPLAIN SELECT * FROM default.events)
SELECT * FROM mergeTreeIndex('default', 'events')
SELECT * FROM mergeTreeProjection('default', 'events', 'p')
SELECT * FROM dictionary('default.d')
SELECT * FROM executable('id', 'TSV', 'a String')
SELECT * FROM input('a String')
SELECT * FROM format('LineAsString', 'x')
SELECT * FROM generateRandom('a Int8')
SELECT * FROM fuzzQuery('SELECT 1')
SELECT * FROM fuzzJSON('{}')
SELECT * FROM loop(default.events)
SELECT * FROM null('a Int8')
SELECT * FROM zeros(3)
SELECT * FROM Python('events')
SELECT * FROM python(events)
SELECT * FROM __events
SELECT * FROM pg_catalog.pg_class
SELECT * FROM timeSeriesData('default', 'events')
SELECT * FROM values('a String', (file('/etc/passwd')))
SELECT * FROM numbers(length(file('/etc/passwd')))
SELECT * FROM filesystem('/etc')
SELECT filesystemAvailable()
SELECT filesystemCapacity('default')
SELECT dictGet('default.d', 'a', 1)
SELECT dictGetString('default.d', 'a', toUInt64(1))
SELECT dictHas('d', 1)
SELECT joinGet('default.contents', 'body', 'x')
SELECT joinGetOrNull('events', 'model', 'x')
SELECT hasColumnInTable('default', 'contents', 'body')
SELECT getSetting('log_comment')
SELECT getSettingOrDefault('log_comment', 'x')
SELECT getServerSetting('max_connections')
SELECT getMergeTreeSetting('index_granularity')
SELECT getMacro('x')
SELECT globalVariable('version')
SELECT @@version
SELECT currentUser()
SELECT user()
SELECT USER()
SELECT currentDatabase()
SELECT DATABASE()
SELECT currentRoles(), enabledRoles()
SELECT hostName()
SELECT hostname()
SELECT fullHostName()
SELECT FQDN()
SELECT serverUUID()
SELECT version()
SELECT uptime()
SELECT tcpPort()
SELECT getServerPort('http_port')
SELECT getOSKernelVersion()
SELECT buildId()
SELECT revision()
SELECT serverTimezone()
SELECT showCertificate()
SELECT queryID()
SELECT initial_query_id()
SELECT connectionId()
SELECT shardNum()
SELECT sleep(3)
SELECT sleepEachRow(3) FROM numbers(1000)
SELECT throwIf(1)
SELECT addressToLine(1)
SELECT addressToSymbol(1)
SELECT demangle('x')
SELECT evalMLMethod(1, 2)
SELECT catboostEvaluate('/x', 1)
SELECT executeUdf('id')
SELECT chdb('SELECT 1')
SELECT AIGenerate('x')
SELECT encrypt('aes-128-ecb', 'x', '0123456789012345')
SELECT formatQuery('SELECT 1')
SELECT parseQueryToJSON('SELECT 1')
SELECT formatRow('CSV', 1)
SELECT zookeeperSessionUptime()
SELECT transactionID()
SELECT partitionId(1)
SELECT aggThrow(0.9)(1)
SELECT flameGraph(1)
SELECT stem('en', 'x')
SELECT * FROM events SETTINGS log_comment = 'theirs'
SELECT * FROM events SETTINGS readonly = 0
SELECT * FROM events SETTINGS readonly = 0, log_comment = 'theirs'
SELECT * FROM events SETTINGS additional_table_filters = {}
SELECT * FROM events SETTINGS max_execution_time = 0
SELECT * FROM events SETTINGS param_x = 1
SELECT * FROM (SELECT * FROM events SETTINGS log_comment = 'theirs')
SELECT * FROM events WHERE model IN (SELECT model FROM events SETTINGS log_comment = 'theirs')
SELECT 1 INTO OUTFILE 'stolen.csv'
SELECT * FROM events INTO OUTFILE 'stolen.csv' TRUNCATE FORMAT CSV
SELECT 1 FORMAT CSV
SELECT 1 FORMAT Null
SELECT 1 INTO OUTFILE 'stolen.csv' COMPRESSION 'gzip'
SHOW TABLES
SHOW DATABASES
SHOW CREATE TABLE default.events
SHOW CREATE VIEW events
SHOW PROCESSLIST
SHOW GRANTS
SHOW SETTINGS LIKE '%'
SHOW FUNCTIONS
SHOW COLUMNS FROM events
SHOW ACCESS
DESCRIBE TABLE events
DESCRIBE default.events
DESC events
DESCRIBE (SELECT * FROM default.events)
EXPLAIN SELECT * FROM events
EXPLAIN AST SELECT 1
EXPLAIN SYNTAX SELECT * FROM events
EXPLAIN PIPELINE SELECT 1
EXPLAIN ESTIMATE SELECT * FROM events
EXISTS TABLE default.contents
CHECK TABLE events
SET readonly = 0
SET ROLE ALL
SET ROLE hub
SET DEFAULT ROLE ALL TO default
SET log_comment = 'theirs'
SET param_x = 1
USE default
USE system
INSERT INTO events SELECT * FROM events
INSERT INTO default.events (tenant) VALUES ('theirs')
INSERT INTO FUNCTION file('stolen.csv') SELECT * FROM events
ALTER TABLE default.events DELETE WHERE 1
UPDATE default.events SET model = 'x' WHERE 1
DELETE FROM default.events WHERE 1
DROP TABLE default.events
DROP DATABASE default
DROP VIEW events
DETACH TABLE default.events
ATTACH TABLE default.events
TRUNCATE TABLE default.events
RENAME TABLE default.events TO default.gone
EXCHANGE TABLES default.events AND default.contents
OPTIMIZE TABLE default.events FINAL
CREATE TABLE t (a Int8) ENGINE = Memory
CREATE TEMPORARY TABLE t (a Int8)
CREATE VIEW v AS SELECT * FROM default.events
CREATE FUNCTION f AS x -> file(x)
CREATE DATABASE d ENGINE = Filesystem('/etc')
CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '/etc/passwd' format 'TSV')) LAYOUT(FLAT()) LIFETIME(0)
CREATE NAMED COLLECTION c AS a = 1
CREATE USER u
CREATE ROW POLICY p ON default.events USING 1 TO ALL
GRANT SELECT ON default.* TO default
GRANT hub TO default
REVOKE ALL ON *.* FROM default
KILL QUERY WHERE 1
KILL MUTATION WHERE 1
SYSTEM SHUTDOWN
SYSTEM FLUSH LOGS
SYSTEM DROP MARK CACHE
BACKUP TABLE default.events TO Disk('d', 'x')
BACKUP DATABASE default TO File('stolen')
RESTORE TABLE default.events FROM File('x')
EXECUTE AS default SELECT * FROM default.events
SELECT 1 PARALLEL WITH SELECT count() FROM default.events
BEGIN TRANSACTION
COMMIT
WATCH events
COPY default.events TO 'stolen'
UNDROP TABLE default.events
SELECT {p0:String}
SELECT * FROM {t:Identifier}
SELECT * FROM {d:Identifier}.{t:Identifier}
SELECT {f:Identifier}('/etc/passwd')
SELECT {a:String}.x
SELECT model FROM events FINAL
SELECT model FROM events SAMPLE 1/10
SELECT model FROM events PREWHERE model != ''
SELECT _part, _table, _database FROM events
SELECT _file, _path FROM events
SELECT * FROM events STREAM
SELECT arrayJoin(groupArray(model)) FROM events
SELECT groupArray(tuple(*)) FROM events
SELECT toJSONString(tuple(*)) FROM events
SELECT arrayReduce('groupArray', [tenant]) FROM events
SELECT argMax(model, (SELECT count() FROM default.events)) FROM events
SELECT anyMerge(latency_ms) FROM rollup_day
SELECT uniqCombinedMerge(user_id) FROM rollup_day
SELECT sum(events), sum(input_tokens) FROM rollup_5m
SELECT count(), sum(input_tokens) FROM events
SELECT max(input_tokens), min(input_tokens) FROM events
SELECT groupUniqArray(model), groupUniqArray(source) FROM events
SELECT groupUniqArray(metric) FROM metrics
SELECT groupUniqArray(asset_id), groupUniqArray(owner) FROM assets
SELECT count() FROM events WHERE 0 OR NOT 0 OR isNull(model)
SELECT count() FROM events GROUP BY model WITH ROLLUP
SELECT count() FROM events GROUP BY GROUPING SETS ((model), ()) WITH TOTALS
SELECT count() FROM events WITH TOTALS
FROM default.events SELECT *
FROM events SELECT model
SELECT * FROM events, default.contents
SELECT * FROM events, system.tables
SELECT * FROM `events\\nTableIdentifier events`
SELECT `a\\nFunction count` FROM events
SELECT model AS `x (children 3)` FROM events
SELECT `file (children 1)`('/etc/passwd')
SELECT `count (alias x)`('/etc/passwd')
SELECT 1 AS `system.tables`
SELECT `\\nTableExpression\\nFunction numbers` FROM file('/etc/passwd')
SELECT * FROM events WHERE model = 'a\\'' OR 1=1 --'
SELECT * FROM events WHERE model = $$a$$ OR 1=1
SELECT $heredoc$x$heredoc$; SELECT 2
SELECT * FROM events WHERE model = 'ａ' OR ｔｅｎａｎｔ = 'theirs'
SELECT * FROM еvents
SELECT\u00a0*\u00a0FROM\u00a0default.events
SELECT * FROM events\u2028; SELECT * FROM default.events
SELECT * FROM default\u200b.events
SELECT count() FROM numbers(100000000000000)
SELECT count() FROM numbers(100000) AS a, numbers(100000) AS b, numbers(100000) AS c
SELECT groupArray(number) FROM numbers(90000000)
SELECT uniqExact(number, rand64()) FROM numbers(90000000)
SELECT range(100000000)
SELECT repeat('x', 2000000000)
SELECT arrayMap(x -> range(100000), range(100000))
SELECT length(toString(arrayMap(x -> repeat('y', 1000000), range(100000))))
SELECT match(repeat('a', 1000000), '(a+)+$')
SELECT number FROM numbers(90000000) ORDER BY rand() LIMIT 90000000
SELECT toDecimal256('1', 99)
SELECT CAST('x' AS Enum8('a' = 1))
SELECT CAST(1 AS Object('json'))
SELECT CAST('x', 'AggregateFunction(sum, UInt8)')
SELECT unhex('ff')
SELECT char(255, 254)
SELECT reinterpretAsString(18446744073709551615)
SELECT tuple()
SELECT []
SELECT NULL
SELECT nan, inf, -inf
SELECT
SELECT FROM events
SELECT * FROM
()
''
;
/* nothing */
-- nothing
SELECT ((((((((((1))))))))))
select\u0000 1
\ufeffSELECT 1
SELECT 1 UNION SELECT 2
SELECT 1, 1, 1 UNION ALL SELECT 1
SELECT * FROM events ORDER BY nothing
SELECT count(*) FROM events WHERE occurred_at > 'yesterday'
SELECT sum(model) FROM events
SELECT toInt32(model) FROM events
SELECT 1/0, intDiv(1, 0)
SELECT modulo(1, 0)
SELECT nofunction(1)
SELECT count(1, 2, 3) FROM events
SELECT model FROM events GROUP BY source
""".strip("\n").split("\n")

HOSTILE = [
    *(line.replace("\\n", "\n") for line in STATEMENTS),
    "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    "SELECT " + "+".join(["1"] * 20_000),
    "SELECT " + ",".join(f"{n} AS c{n}" for n in range(12_000)),
    "SELECT " + "-" * 3000 + "1",
    "SELECT " + "NOT " * 3000 + "1",
    "SELECT " + "[" * 500 + "]" * 500,
    " UNION ALL ".join(["SELECT 1"] * 3000),
    "SELECT * FROM " + "(SELECT * FROM " * 200 + "events" + ")" * 200,
    "SELECT model FROM events WHERE model IN (" + ",".join(["'x'"] * 20_000) + ")",
    "SELECT 1 " + "/*" * 10_000,
    "SELECT '" + "x" * 90_000 + "'",
    "WITH " + ", ".join(f"a{n} AS (SELECT * FROM a{n - 1} AS x, a{n - 1} AS y)" if n else "a0 AS (SELECT 1 AS v)" for n in range(30)) + " SELECT * FROM a29",
]  # fmt: skip
