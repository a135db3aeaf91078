SELECT count() AS `events` FROM events WHERE events.tenant = {p0:String} AND toStartOfHour(events.occurred_at) >= toStartOfHour({p1:DateTime64(6, 'UTC')}) AND toStartOfHour(events.occurred_at) <= toStartOfHour({p2:DateTime64(6, 'UTC')}) AND events.occurred_at >= {p1:DateTime64(6, 'UTC')} AND events.occurred_at < {p2:DateTime64(6, 'UTC')} AND 1 LIMIT 100
-- p0 = acme
-- p1 = 2025-11-01 00:02:00.000000
-- p2 = 2025-11-08 00:00:00.000000
