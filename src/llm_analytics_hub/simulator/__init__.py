"""A made-up LLM platform that plays a week through the hub's public doors; a client, like any other."""
