CREATE MATERIALIZED VIEW rollup_5m_view TO rollup_5m AS
SELECT
    tenant,
    toStartOfFiveMinutes(occurred_at) AS bucket,
    source, stream, event_type, environment, provider, model, status, severity,
    count() AS events,
    sum(e.input_tokens) AS input_tokens,
    sum(e.output_tokens) AS output_tokens,
    sum(e.cached_tokens) AS cached_tokens,
    sum(e.cache_write_tokens) AS cache_write_tokens,
    sum(e.reasoning_tokens) AS reasoning_tokens,
    sum(e.total_tokens) AS total_tokens,
    sum(e.cost_usd) AS cost_usd
FROM events AS e
GROUP BY tenant, bucket, source, stream, event_type, environment, provider, model, status, severity
