"""Values of alerting: rules, what they find, alerts, and where these are sent."""
