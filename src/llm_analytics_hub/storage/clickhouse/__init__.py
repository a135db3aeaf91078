"""ClickHouse as event store: in process by chDB, the same SQL as on a server."""
