ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS subject LowCardinality(String)
