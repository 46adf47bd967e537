"""``PGPROCESS["ALERTS"]``: which receivers get which alerts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from pgprocess.choices import AlertKind
from pgprocess.conf import get_settings, misspelt
from pgprocess.display.masking import masked_url
from pgprocess.exceptions import ConfigurationError

KINDS = [str(kind) for kind in AlertKind if kind != AlertKind.PING]


@dataclass(frozen=True)
class AlertSettings:
    """All keys of ``PGPROCESS["ALERTS"]``, with their defaults; times are seconds.

    ``LONG_FACTOR``: how many times the usual duration a job takes before there is an alert.
    """

    EMAIL: list[str] = field(default_factory=list)
    WEBHOOK: list[str] = field(default_factory=list)
    SIGNAL: bool = False
    ON: list[str] = field(default_factory=lambda: list(KINDS))
    LATE_AFTER: float = 300.0
    LONG_FACTOR: float = 3.0

    @property
    def receivers(self) -> list[str]:
        """Return all receivers of alerts, as words that channels reads."""
        signal = ["signal"] if self.SIGNAL else []
        return [f"email:{address}" for address in self.EMAIL] + [f"webhook:{url}" for url in self.WEBHOOK] + signal


def what_is_wrong(given: Any) -> list[str]:
    """Return a sentence for each thing in ``PGPROCESS["ALERTS"]`` that is wrong."""
    name = "PGPROCESS['ALERTS']"
    if not isinstance(given, dict):
        return [f"{name} is a dict, not {type(given).__name__}."]
    wrong = misspelt(name, given, [each.name for each in fields(AlertSettings)])
    for key in ("EMAIL", "WEBHOOK", "ON"):
        if not isinstance(given.get(key, []), list | tuple):
            wrong.append(f"{name}['{key}'] is a list.")
    if wrong:
        return wrong
    for url in given.get("WEBHOOK", []):
        if urlsplit(url).scheme not in ("http", "https"):
            wrong.append(
                f"{name}['WEBHOOK'] has {masked_url(str(url))}, which does not begin with http:// or https://."
            )
    for kind in given.get("ON", []):
        if kind not in KINDS:
            wrong.append(f"{name}['ON'] has {kind!r}: use {', '.join(KINDS)}.")
    return wrong


def alert_settings() -> AlertSettings:
    """Return the project's settings for alerts. Raises :class:`ConfigurationError` for wrong ones."""
    given = get_settings().ALERTS
    if wrong := what_is_wrong(given):
        raise ConfigurationError(" ".join(wrong))
    return AlertSettings(**given)
