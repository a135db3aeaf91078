"""The way in: bytes to raw events to stored, acknowledged batches."""
