"""What the hub answers to modules that ask it: reports and feeds, all by way of questions."""
