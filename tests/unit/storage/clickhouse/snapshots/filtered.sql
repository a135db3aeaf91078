SELECT count() AS `events` FROM events WHERE events.tenant = {p0:String} AND toStartOfHour(events.occurred_at) >= toStartOfHour({p1:DateTime64(6, 'UTC')}) AND toStartOfHour(events.occurred_at) <= toStartOfHour({p2:DateTime64(6, 'UTC')}) AND events.occurred_at >= {p1:DateTime64(6, 'UTC')} AND events.occurred_at < {p2:DateTime64(6, 'UTC')} AND (events.source IN {p3:Array(String)} AND (ifNull(toFloat64(events.latency_ms) > {p4:Float64}, 0) OR isNotNull(toFloat64(events.ttft_ms))) AND NOT (ifNull(toFloat64OrNull(multiIf(JSONExtractString(events.attributes, {p5:String}) != '', JSONExtractString(events.attributes, {p5:String}), JSONExtractRaw(events.attributes, {p5:String}) IN ('null', '""'), '', JSONExtractRaw(events.attributes, {p5:String}))) != {p6:Float64}, 1)) AND startsWith(events.model, {p7:String})) LIMIT 100
-- p0 = acme
-- p1 = 2025-11-01 00:02:00.000000
-- p2 = 2025-11-08 00:00:00.000000
-- p3 = ['observatory','costops']
-- p4 = 100.0
-- p5 = n
-- p6 = 1.0
-- p7 = gpt
