INSERT INTO rollup_hour
SETTINGS async_insert = 0, deduplicate_insert = 'enable', deduplicate_insert_select = 'force_enable',
    max_insert_threads = 1, max_partitions_per_insert_block = 0,
    insert_deduplication_token = '019_rollup_hour_fill'
SELECT
    tenant,
    toDateTime(toStartOfHour(r.bucket), 'UTC') AS hour,
    source, stream, event_type, environment, provider, model, status, severity,
    sum(r.events),
    sum(r.input_tokens),
    sum(r.output_tokens),
    sum(r.cached_tokens),
    sum(r.cache_write_tokens),
    sum(r.reasoning_tokens),
    sum(r.total_tokens),
    sum(r.cost_usd)
FROM rollup_5m AS r
GROUP BY tenant, hour, source, stream, event_type, environment, provider, model, status, severity
ORDER BY tenant, hour, source, stream, event_type, environment, provider, model, status, severity
