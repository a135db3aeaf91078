"""What the hub answers to the modules of the platform, at `/api/v1/integrations/{module}`."""
