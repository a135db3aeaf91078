"""What the hub tells about itself: metrics and logs."""
