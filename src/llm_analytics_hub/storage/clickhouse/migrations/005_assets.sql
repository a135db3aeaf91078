CREATE TABLE assets (
    tenant LowCardinality(String),
    asset_id String,
    version String,
    name String,
    asset_type LowCardinality(String),
    status LowCardinality(String),
    owner LowCardinality(String),
    tags Array(LowCardinality(String)),
    metadata String CODEC(ZSTD(3)),
    changed_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (tenant, asset_id, version)
SETTINGS non_replicated_deduplication_window = 1000, old_parts_lifetime = 10,
    cleanup_delay_period = 10, cleanup_delay_period_random_add = 2
