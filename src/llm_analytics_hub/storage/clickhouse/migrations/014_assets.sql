CREATE TABLE assets (
    tenant LowCardinality(String),
    asset_id String CODEC(ZSTD(1)),
    version String CODEC(ZSTD(1)),
    name SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    asset_type SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    category SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    status SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    owner SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    description SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    license SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    tags SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    annotations SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    size_bytes SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    content_type SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    storage_backend SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    storage_uri SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    checksum_algorithm SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    checksum SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    provenance SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    dependencies SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    created_at SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    updated_at SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    deprecated_at SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    current_version SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String)) CODEC(ZSTD(1)),
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    last_seen SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant, asset_id, version)
SETTINGS old_parts_lifetime = 10, cleanup_delay_period = 10, cleanup_delay_period_random_add = 2
