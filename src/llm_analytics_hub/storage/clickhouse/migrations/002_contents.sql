CREATE TABLE contents (
    tenant LowCardinality(String),
    content_id String CODEC(ZSTD(1)),
    body String CODEC(ZSTD(3)),
    expires_on Date
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(expires_on)
ORDER BY (tenant, content_id)
SETTINGS non_replicated_deduplication_window = 1000, old_parts_lifetime = 10,
    cleanup_delay_period = 10, cleanup_delay_period_random_add = 2
