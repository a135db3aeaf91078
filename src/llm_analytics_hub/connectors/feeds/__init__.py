"""What the hub tells the modules by itself: a file for each module, and what they share."""
