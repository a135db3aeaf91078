SELECT multiIf(JSONExtractString(events.attributes, {p0:String}, {p1:String}) != '', JSONExtractString(events.attributes, {p0:String}, {p1:String}), JSONExtractRaw(events.attributes, {p0:String}, {p1:String}) IN ('null', '""'), '', JSONExtractRaw(events.attributes, {p0:String}, {p1:String})) AS `attributes.team.name`, count() AS `events` FROM events WHERE events.tenant = {p2:String} AND toStartOfHour(events.occurred_at) >= toStartOfHour({p3:DateTime64(6, 'UTC')}) AND toStartOfHour(events.occurred_at) <= toStartOfHour({p4:DateTime64(6, 'UTC')}) AND events.occurred_at >= {p3:DateTime64(6, 'UTC')} AND events.occurred_at < {p4:DateTime64(6, 'UTC')} AND 1 GROUP BY `attributes.team.name` LIMIT 100
-- p0 = team
-- p1 = name
-- p2 = acme
-- p3 = 2025-11-01 00:02:00.000000
-- p4 = 2025-11-08 00:00:00.000000
