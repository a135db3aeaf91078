CREATE TABLE metrics (
    tenant LowCardinality(String),
    source LowCardinality(String),
    metric LowCardinality(String),
    asset_id String CODEC(ZSTD(1)),
    labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    value Nullable(Float64) CODEC(ZSTD(1)),
    unit LowCardinality(String),
    kind LowCardinality(String),
    bucket_bounds Array(Float64) CODEC(ZSTD(1)),
    bucket_counts Array(UInt64) CODEC(ZSTD(1)),
    expires_on Date
)
ENGINE = MergeTree
PARTITION BY toMonday(expires_on)
ORDER BY (tenant, metric, toStartOfHour(occurred_at), source, occurred_at)
SETTINGS non_replicated_deduplication_window = 1000, old_parts_lifetime = 10,
    cleanup_delay_period = 10, cleanup_delay_period_random_add = 2
