SELECT sum(events.events) AS `events` FROM (SELECT bucket, events, input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_tokens, cost_usd FROM rollup_5m AS events WHERE tenant = {p0:String} AND bucket >= {p1:DateTime64(6, 'UTC')} AND bucket < {p2:DateTime64(6, 'UTC')} AND 1 UNION ALL SELECT toStartOfFiveMinutes(occurred_at) AS bucket, count() AS events, sum(events.input_tokens) AS input_tokens, sum(events.output_tokens) AS output_tokens, sum(events.cached_tokens) AS cached_tokens, sum(events.cache_write_tokens) AS cache_write_tokens, sum(events.reasoning_tokens) AS reasoning_tokens, sum(events.total_tokens) AS total_tokens, sum(events.cost_usd) AS cost_usd FROM events WHERE tenant = {p3:String} AND toStartOfHour(occurred_at) >= toStartOfHour({p4:DateTime64(6, 'UTC')}) AND toStartOfHour(occurred_at) <= toStartOfHour({p5:DateTime64(6, 'UTC')}) AND occurred_at >= {p4:DateTime64(6, 'UTC')} AND occurred_at < {p5:DateTime64(6, 'UTC')} AND 1 GROUP BY bucket) AS events LIMIT 100
-- p0 = acme
-- p1 = 2025-11-01 00:05:00.000000
-- p2 = 2025-11-08 00:00:00.000000
-- p3 = acme
-- p4 = 2025-11-01 00:02:00.000000
-- p5 = 2025-11-01 00:05:00.000000
