"""Answers kept for who asks the same again (ADR 015)."""
