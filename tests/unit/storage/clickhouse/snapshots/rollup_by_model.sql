SELECT events.model AS `model`, sumIf(events.events, events.event_type IN {p6:Array(String)}) AS `requests`, sum(events.cost_usd) AS `cost_usd` FROM (SELECT event_type, model, bucket, events, cost_usd FROM rollup_5m AS events WHERE tenant = {p0:String} AND bucket >= {p1:DateTime64(6, 'UTC')} AND bucket < {p2:DateTime64(6, 'UTC')} AND 1 UNION ALL SELECT event_type, model, toStartOfFiveMinutes(occurred_at) AS bucket, count() AS events, sum(events.cost_usd) AS cost_usd FROM events WHERE tenant = {p5:String} AND ((toStartOfHour(occurred_at) >= toStartOfHour({p3:DateTime64(6, 'UTC')}) AND toStartOfHour(occurred_at) <= toStartOfHour({p4:DateTime64(6, 'UTC')}) AND occurred_at >= {p3:DateTime64(6, 'UTC')} AND occurred_at < {p4:DateTime64(6, 'UTC')})) AND 1 GROUP BY event_type, model, bucket) AS events GROUP BY `model` HAVING sum(events.events) > 0 ORDER BY `cost_usd` DESC, `model` ASC LIMIT 100
-- p0 = acme
-- p1 = 2025-11-01 00:05:00.000000
-- p2 = 2025-11-08 00:00:00.000000
-- p3 = 2025-11-01 00:02:00.000000
-- p4 = 2025-11-01 00:05:00.000000
-- p5 = acme
-- p6 = ['inference.completed']
