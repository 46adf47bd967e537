"""Connections of our own to Postgres, and the one that listens."""
