"""Somebody who can log in to the example."""

from __future__ import annotations

from django.contrib.auth import get_user_model

ADMIN = "admin"


def ensure_administrator() -> str:
    """There is an administrator: the user admin with the password admin, where there was none. Says which."""
    users = get_user_model()._default_manager
    if not users.filter(is_superuser=True).exists():
        users.create_superuser(username=ADMIN, email="", password=ADMIN)
    admin = users.filter(username=ADMIN, is_superuser=True).first()
    if admin is not None and admin.check_password(ADMIN):
        return f"user {ADMIN}, password {ADMIN}"
    return "log in as an administrator of your own"
