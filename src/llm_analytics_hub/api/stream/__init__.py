"""The live stream over HTTP: WebSocket and server-sent events at one address."""
