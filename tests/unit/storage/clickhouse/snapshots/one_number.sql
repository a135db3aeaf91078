SELECT count() AS `events` FROM events WHERE tenant = {p2:String} AND occurred_at >= {p0:DateTime64(6, 'UTC')} AND occurred_at < {p1:DateTime64(6, 'UTC')} AND 1 LIMIT 100
-- p0 = 2025-11-01 00:02:00.000000
-- p1 = 2025-11-08 00:00:00.000000
-- p2 = acme
