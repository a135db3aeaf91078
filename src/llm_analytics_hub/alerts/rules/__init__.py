"""Rules as people write them, checked."""
