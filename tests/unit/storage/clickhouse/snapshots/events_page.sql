SELECT tenant, source, stream, event_id, event_type, original_type, schema_version, severity, environment, service, region, asset_id, asset_version, model, provider, operation, status, error_type, user_id, session_id, account_id, policy_id, trace_id, span_id, parent_span_id, correlation_id, occurred_at, received_at, sent_at, latency_ms, ttft_ms, score, value, input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_tokens, cost_usd, cost_amount, cost_currency, price_id, unit, attributes, content_id, event_key, toDateTime64(key_until, 0, 'UTC') AS key_until, toDate32(expires_on) AS expires_on FROM events WHERE tenant = {p0:String} AND events.trace_id = {p1:String} AND toStartOfHour(occurred_at) >= toStartOfHour({p2:DateTime64(6, 'UTC')}) AND toStartOfHour(occurred_at) <= toStartOfHour({p3:DateTime64(6, 'UTC')}) AND occurred_at >= {p2:DateTime64(6, 'UTC')} AND occurred_at < {p3:DateTime64(6, 'UTC')} AND toStartOfHour(occurred_at) <= toStartOfHour({p7:DateTime64(6, 'UTC')}) AND (occurred_at, event_id, event_key) < ({p4:DateTime64(6, 'UTC')}, {p5:String}, {p6:UInt64}) ORDER BY toStartOfHour(occurred_at) DESC, occurred_at DESC, event_id DESC, event_key DESC LIMIT 10
-- p0 = acme
-- p1 = abc
-- p2 = 2025-11-01 00:02:00.000000
-- p3 = 2025-11-08 00:00:00.000000
-- p4 = 2025-11-08 00:00:00.000000
-- p5 = id-7
-- p6 = 7
-- p7 = 2025-11-08 00:00:00.000000
