CREATE TABLE rollup_day (
    tenant LowCardinality(String),
    bucket DateTime('UTC'),
    source LowCardinality(String),
    stream LowCardinality(String),
    event_type LowCardinality(String),
    environment LowCardinality(String),
    service LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    operation LowCardinality(String),
    account_id LowCardinality(String),
    status LowCardinality(String),
    severity LowCardinality(String),
    events SimpleAggregateFunction(sum, UInt64),
    input_tokens SimpleAggregateFunction(sum, Nullable(UInt64)),
    output_tokens SimpleAggregateFunction(sum, Nullable(UInt64)),
    cached_tokens SimpleAggregateFunction(sum, Nullable(UInt64)),
    cache_write_tokens SimpleAggregateFunction(sum, Nullable(UInt64)),
    reasoning_tokens SimpleAggregateFunction(sum, Nullable(UInt64)),
    total_tokens SimpleAggregateFunction(sum, Nullable(UInt64)),
    cost_usd SimpleAggregateFunction(sum, Nullable(Decimal(38, 12))),
    latency_ms AggregateFunction(quantileTDigest(0.5), Float64) CODEC(ZSTD(1)),
    ttft_ms AggregateFunction(quantileTDigest(0.5), Float64) CODEC(ZSTD(1)),
    user_id AggregateFunction(uniqCombined, Nullable(String)) CODEC(ZSTD(1)),
    session_id AggregateFunction(uniqCombined, Nullable(String)) CODEC(ZSTD(1)),
    asset_id AggregateFunction(uniqCombined, Nullable(String)) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (tenant, bucket, source, event_type, provider, model, stream, environment, service, operation, account_id, status, severity)
SETTINGS non_replicated_deduplication_window = 1000, old_parts_lifetime = 10,
    cleanup_delay_period = 10, cleanup_delay_period_random_add = 2
