"""Exports: large answers as files, made in the background, going on where a dead hub stopped."""
