"""`/api/v1/alerts`: rules, alerts, silences, routes, budgets, channels.

Modules here are imported by every hub; those in `work` when the first request for alerts comes.
"""
