CREATE TABLE dead_letters (
    tenant LowCardinality(String),
    letter_id String CODEC(ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    source LowCardinality(String),
    door LowCardinality(String),
    code LowCardinality(String),
    message String CODEC(ZSTD(1)),
    payload String CODEC(ZSTD(3)),
    expires_on Date
)
ENGINE = MergeTree
PARTITION BY toMonday(expires_on)
ORDER BY (tenant, received_at)
SETTINGS non_replicated_deduplication_window = 1000, old_parts_lifetime = 10,
    cleanup_delay_period = 10, cleanup_delay_period_random_add = 2
