"""Codecs: bytes in, raw event rows out; no input or output, no clock."""
