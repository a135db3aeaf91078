CREATE MATERIALIZED VIEW rollup_day_view TO rollup_day AS
SELECT
    tenant,
    toDateTime(toStartOfDay(occurred_at), 'UTC') AS bucket,
    source, stream, event_type, environment, service, provider, model, operation, account_id, status, severity,
    count() AS events,
    sum(e.input_tokens) AS input_tokens,
    sum(e.output_tokens) AS output_tokens,
    sum(e.cached_tokens) AS cached_tokens,
    sum(e.cache_write_tokens) AS cache_write_tokens,
    sum(e.reasoning_tokens) AS reasoning_tokens,
    sum(e.total_tokens) AS total_tokens,
    sum(e.cost_usd) AS cost_usd,
    quantileTDigestStateIf(0.5)(assumeNotNull(e.latency_ms), isNotNull(e.latency_ms)) AS latency_ms,
    quantileTDigestStateIf(0.5)(assumeNotNull(e.ttft_ms), isNotNull(e.ttft_ms)) AS ttft_ms,
    uniqCombinedState(nullIf(e.user_id, '')) AS user_id,
    uniqCombinedState(nullIf(e.session_id, '')) AS session_id,
    uniqCombinedState(nullIf(e.asset_id, '')) AS asset_id
FROM events AS e
GROUP BY tenant, bucket, source, stream, event_type, environment, service, provider, model, operation, account_id, status, severity
