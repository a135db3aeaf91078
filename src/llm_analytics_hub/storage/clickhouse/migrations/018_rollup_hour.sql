CREATE TABLE rollup_hour (
    tenant LowCardinality(String),
    bucket DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    source LowCardinality(String),
    stream LowCardinality(String),
    event_type LowCardinality(String),
    environment LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    status LowCardinality(String),
    severity LowCardinality(String),
    events SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    input_tokens SimpleAggregateFunction(sum, Nullable(UInt64)) CODEC(T64, ZSTD(1)),
    output_tokens SimpleAggregateFunction(sum, Nullable(UInt64)) CODEC(T64, ZSTD(1)),
    cached_tokens SimpleAggregateFunction(sum, Nullable(UInt64)) CODEC(T64, ZSTD(1)),
    cache_write_tokens SimpleAggregateFunction(sum, Nullable(UInt64)) CODEC(T64, ZSTD(1)),
    reasoning_tokens SimpleAggregateFunction(sum, Nullable(UInt64)) CODEC(T64, ZSTD(1)),
    total_tokens SimpleAggregateFunction(sum, Nullable(UInt64)) CODEC(T64, ZSTD(1)),
    cost_usd SimpleAggregateFunction(sum, Nullable(Decimal(38, 12))) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (tenant, bucket, source, event_type, provider, model, stream, environment, status, severity)
SETTINGS non_replicated_deduplication_window = 1000, old_parts_lifetime = 10,
    cleanup_delay_period = 10, cleanup_delay_period_random_add = 2
