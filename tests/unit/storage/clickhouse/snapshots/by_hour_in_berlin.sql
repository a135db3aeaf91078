SELECT toDateTime64(toDateTime(toStartOfHour(occurred_at, {p0:String}), {p0:String}), 6, 'UTC') AS `time`, events.model AS `model`, countIf(events.event_type IN {p1:Array(String)}) AS `requests`, sum(events.cost_usd) AS `cost_usd` FROM events WHERE events.tenant = {p2:String} AND toStartOfHour(events.occurred_at) >= toStartOfHour({p3:DateTime64(6, 'UTC')}) AND toStartOfHour(events.occurred_at) <= toStartOfHour({p4:DateTime64(6, 'UTC')}) AND events.occurred_at >= {p3:DateTime64(6, 'UTC')} AND events.occurred_at < {p4:DateTime64(6, 'UTC')} AND 1 GROUP BY `time`, `model` ORDER BY `cost_usd` DESC, `model` ASC LIMIT 100
-- p0 = Europe/Berlin
-- p1 = ['inference.completed']
-- p2 = acme
-- p3 = 2025-11-01 00:02:00.000000
-- p4 = 2025-11-08 00:00:00.000000
