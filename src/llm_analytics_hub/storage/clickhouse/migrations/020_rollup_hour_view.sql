CREATE MATERIALIZED VIEW rollup_hour_view TO rollup_hour AS
SELECT
    tenant,
    toDateTime(toStartOfHour(r.bucket), 'UTC') AS bucket,
    source, stream, event_type, environment, provider, model, status, severity,
    sum(r.events) AS events,
    sum(r.input_tokens) AS input_tokens,
    sum(r.output_tokens) AS output_tokens,
    sum(r.cached_tokens) AS cached_tokens,
    sum(r.cache_write_tokens) AS cache_write_tokens,
    sum(r.reasoning_tokens) AS reasoning_tokens,
    sum(r.total_tokens) AS total_tokens,
    sum(r.cost_usd) AS cost_usd
FROM rollup_5m AS r
GROUP BY tenant, bucket, source, stream, event_type, environment, provider, model, status, severity
