"""Tools for people who develop with pgprocess: a Postgres that nobody has to install.

Nothing here runs in production.
"""
