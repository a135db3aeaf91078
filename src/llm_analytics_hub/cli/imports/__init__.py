"""Importing files: rows of a file become events, are sent in batches, and are accounted for."""
