ALTER TABLE events ADD INDEX IF NOT EXISTS by_arrival received_at TYPE minmax GRANULARITY 1
