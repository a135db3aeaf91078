"""LLM-Analytics-Hub: the central analytics engine of an LLM DevOps platform."""
