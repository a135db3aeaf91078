"""The live path: what was stored, handed on at once to whoever waits for it."""
