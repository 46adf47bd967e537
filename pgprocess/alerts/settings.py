"""``PGPROCESS["ALERTS"]``: which receivers get which alerts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from pgprocess.choices import AlertKind
from pgprocess.conf import A_DAY, A_FLAG, a_list_of, a_number, get_settings, misspelt, wrong_values
from pgprocess.display.masking import MASK, masked_url
from pgprocess.exceptions import ConfigurationError
from pgprocess.text import on_one_line

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


LONGEST_RECEIVER = 600
RULES = {
    "EMAIL": a_list_of("addresses", str),
    "WEBHOOK": a_list_of("addresses", str),
    "SIGNAL": A_FLAG,
    "ON": a_list_of("words", str),
    "LATE_AFTER": a_number(0, 10 * 366 * A_DAY),
    "LONG_FACTOR": a_number(0, 1_000_000),
}


def _fits(key: str, value: Any) -> bool:
    return key not in RULES or RULES[key].fits(value)


def what_is_wrong(given: Any) -> list[str]:
    """Return a sentence for each thing in ``PGPROCESS["ALERTS"]`` that is wrong."""
    name = "PGPROCESS['ALERTS']"
    if not isinstance(given, dict):
        return [f"{name} is a dict, not {type(given).__name__}."]
    wrong = misspelt(name, given, [each.name for each in fields(AlertSettings)])
    secret = {key: MASK if key == "WEBHOOK" else value for key, value in given.items() if not _fits(key, value)}
    wrong += wrong_values(name, secret, RULES)
    if wrong:
        return wrong
    for receiver in AlertSettings(**given).receivers:
        if len(receiver) > LONGEST_RECEIVER or on_one_line(receiver) != receiver:
            wrong.append(f"{name} has a receiver with control characters, or of more than {LONGEST_RECEIVER} letters.")
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
