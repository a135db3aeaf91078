"""The control store in SQL: SQLite in the data folder, or PostgreSQL, with the same migrations."""
