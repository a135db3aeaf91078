"""Analyses as questions: anomalies, trends, forecasts, correlations of measures over time."""
