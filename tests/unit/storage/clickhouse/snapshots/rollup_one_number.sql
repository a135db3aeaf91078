SELECT sum(events.events) AS `events` FROM (SELECT bucket, events FROM rollup_hour AS events WHERE tenant = {p2:String} AND ((bucket >= {p0:DateTime64(6, 'UTC')} AND bucket < {p1:DateTime64(6, 'UTC')})) AND 1 UNION ALL SELECT bucket, events FROM rollup_5m AS events WHERE tenant = {p5:String} AND ((bucket >= {p3:DateTime64(6, 'UTC')} AND bucket < {p4:DateTime64(6, 'UTC')})) AND 1 UNION ALL SELECT toStartOfFiveMinutes(occurred_at) AS bucket, count() AS events FROM events WHERE tenant = {p8:String} AND ((toStartOfHour(occurred_at) >= toStartOfHour({p6:DateTime64(6, 'UTC')}) AND toStartOfHour(occurred_at) <= toStartOfHour({p7:DateTime64(6, 'UTC')}) AND occurred_at >= {p6:DateTime64(6, 'UTC')} AND occurred_at < {p7:DateTime64(6, 'UTC')})) AND 1 GROUP BY bucket) AS events LIMIT 100
-- p0 = 2025-11-01 01:00:00.000000
-- p1 = 2025-11-08 00:00:00.000000
-- p2 = acme
-- p3 = 2025-11-01 00:05:00.000000
-- p4 = 2025-11-01 01:00:00.000000
-- p5 = acme
-- p6 = 2025-11-01 00:02:00.000000
-- p7 = 2025-11-01 00:05:00.000000
-- p8 = acme
