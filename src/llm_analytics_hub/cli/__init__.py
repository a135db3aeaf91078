"""The command line: `analytics-hub`."""
