"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

from pgprocess.exceptions import ConfigurationError


class PgprocessConfig(AppConfig):
    """Processes, tasks and their runs."""

    name = "pgprocess"
    verbose_name = _("Processes")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Say in one sentence what Django would say as an odd TypeError about ``class Meta``."""
        if not apps.is_installed("pgtrigger"):
            raise ConfigurationError('pgprocess needs "pgtrigger" in INSTALLED_APPS too: add it beside "pgprocess".')
        super().import_models()

    def ready(self) -> None:
        """Checks are registered; tasks are known wherever one is looked up."""
        from pgprocess import checks  # noqa: F401
        from pgprocess.registry import autodiscover

        autodiscover()
