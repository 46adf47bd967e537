"""The app that loads and studies the European Central Bank's reference rates."""

from __future__ import annotations

from django.apps import AppConfig


class RatesConfig(AppConfig):
    """Reference rates, and a process that keeps them and their report fresh."""

    name = "rates"
    verbose_name = "ECB reference rates"
