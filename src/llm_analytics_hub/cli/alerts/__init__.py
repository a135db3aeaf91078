"""`analytics-hub alerts`: rules, alerts, silences, routes, budgets, channels."""
