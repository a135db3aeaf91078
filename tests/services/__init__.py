"""Real servers for tests, each a child process that ends with the test run."""

from .process import Service

__all__ = ["Service"]
