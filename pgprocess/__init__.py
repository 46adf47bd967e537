"""Scheduled workflows for Django, run by Postgres."""

__version__ = "0.1.0"
