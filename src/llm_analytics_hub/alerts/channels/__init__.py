"""Ways out of the hub: webhooks, chats, e-mail, an Alertmanager."""
