"""How fast, how large, how quick to answer: measured beside the raw engine (BENCHMARKS.md)."""
