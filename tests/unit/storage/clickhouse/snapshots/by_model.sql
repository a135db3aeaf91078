SELECT events.model AS `model`, countIf(events.event_type IN {p0:Array(String)}) AS `requests`, sum(events.cost_usd) AS `cost_usd` FROM events WHERE events.tenant = {p1:String} AND toStartOfHour(events.occurred_at) >= toStartOfHour({p2:DateTime64(6, 'UTC')}) AND toStartOfHour(events.occurred_at) <= toStartOfHour({p3:DateTime64(6, 'UTC')}) AND events.occurred_at >= {p2:DateTime64(6, 'UTC')} AND events.occurred_at < {p3:DateTime64(6, 'UTC')} AND 1 GROUP BY `model` ORDER BY `cost_usd` DESC, `model` ASC LIMIT 100
-- p0 = ['inference.completed']
-- p1 = acme
-- p2 = 2025-11-01 00:02:00.000000
-- p3 = 2025-11-08 00:00:00.000000
