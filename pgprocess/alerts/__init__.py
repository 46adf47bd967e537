"""Alerts: an outbox, the channels that lead to people, and the thread that delivers messages."""
