"""Connections to other services that the hub keeps up itself: what comes from them, what goes to them."""
