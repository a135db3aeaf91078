"""What the routes of alerts do, imported with alerting itself."""
