"""Where events are kept: one interface, a verified memory store, and ClickHouse."""
