"""Alerting: rules judged, alerts kept, people told."""
