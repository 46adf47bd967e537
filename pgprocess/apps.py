"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

from pgprocess.exceptions import ConfigurationError


class PgprocessConfig(AppConfig):
    name = "pgprocess"
    verbose_name = _("Processes")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Require pgtrigger. Without it Django would raise a TypeError about ``class Meta`` that explains nothing."""
        if not apps.is_installed("pgtrigger"):
            raise ConfigurationError('pgprocess needs "pgtrigger" in INSTALLED_APPS too: add it beside "pgprocess".')
        super().import_models()

    def ready(self) -> None:
        """Register the system checks and every task in a ``tasks`` module of an installed app.

        A process that a test run has started uses the databases of that test run.
        """
        from pgprocess import checks  # noqa: F401
        from pgprocess.forkserver.environment import enter_databases
        from pgprocess.models.raw import watch
        from pgprocess.registry import autodiscover

        enter_databases()
        watch()
        autodiscover()
