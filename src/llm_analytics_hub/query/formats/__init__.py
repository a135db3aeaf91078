"""Tables as files: CSV, JSON lines, Parquet, Arrow and workbooks, batch by batch."""
