"""Who hears of alerts, from ``PGPROCESS["ALERTS"]``, and how each of them is told. Knows no database.

A receiver is a word: ``email:ops@example.com``, ``webhook:https://…``, ``signal``, or ``ping:https://…`` for the
monitor of one process. To be told means that it took the message: a receiver that is not there raises.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import django

from pgprocess.conf import get_settings, misspelt
from pgprocess.exceptions import ConfigurationError
from pgprocess.statuses import AlertKind

if TYPE_CHECKING:
    from pgprocess.outbox import Message

PATIENCE = 10.0
KINDS = [str(kind) for kind in AlertKind if kind != AlertKind.PING]


@dataclass(frozen=True)
class AlertSettings:
    """All keys of ``PGPROCESS["ALERTS"]``, with their defaults; times are seconds.

    ``LONG_FACTOR``: how many times the usual a job takes before it is told of.
    """

    EMAIL: list[str] = field(default_factory=list)
    WEBHOOK: list[str] = field(default_factory=list)
    SIGNAL: bool = False
    ON: list[str] = field(default_factory=lambda: list(KINDS))
    LATE_AFTER: float = 300.0
    LONG_FACTOR: float = 3.0

    @property
    def receivers(self) -> list[str]:
        """All who hear of alerts."""
        signal = ["signal"] if self.SIGNAL else []
        return [f"email:{address}" for address in self.EMAIL] + [f"webhook:{url}" for url in self.WEBHOOK] + signal


def what_is_wrong(given: Any) -> list[str]:
    """A sentence for each thing in ``PGPROCESS["ALERTS"]`` that can't be."""
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
            wrong.append(f"{name}['WEBHOOK'] has {url!r}, which does not begin with http:// or https://.")
    for kind in given.get("ON", []):
        if kind not in KINDS:
            wrong.append(f"{name}['ON'] has {kind!r}: use {', '.join(KINDS)}.")
    return wrong


def alert_settings() -> AlertSettings:
    """The project's settings. Raises :class:`ConfigurationError` for what can't be."""
    given = get_settings().ALERTS
    if wrong := what_is_wrong(given):
        raise ConfigurationError(" ".join(wrong))
    return AlertSettings(**given)


def tell(message: Message) -> None:
    """The message's receiver has taken it; raises, whatever it may be, if not."""
    way, _colon, address = message.receiver.partition(":")
    if way == "email":
        _email(address, message)
    elif way == "webhook":
        _post(address, message)
    elif way == "ping":
        _open(urllib.request.Request(address))  # noqa: S310  (http only: see _open)
    else:
        _signal(message)


def _email(address: str, message: Message) -> None:
    from django.core.mail import EmailMessage, get_connection

    subject = f"[pgprocess] {message.process}: {message.kind}"
    # From 6.1 on a mailer's timeout stands in the settings, and asking for a connection is deprecated.
    connection: dict[str, Any] = {"connection": get_connection(timeout=PATIENCE)} if django.VERSION < (6, 1) else {}
    EmailMessage(subject, message.text, to=[address], **connection).send()


def _post(url: str, message: Message) -> None:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "pgprocess",
        "Idempotency-Key": f"pgprocess-{message.delivery}",
    }
    body = json.dumps(message.as_json()).encode()
    _open(urllib.request.Request(url, data=body, headers=headers, method="POST"))  # noqa: S310


def _open(request: urllib.request.Request) -> None:
    """The receiver answered that all is well. Nothing but http and https is opened, redirects included."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    with opener.open(request, timeout=PATIENCE):
        pass


def _signal(message: Message) -> None:
    from pgprocess.signals import alert

    for receiver, answer in alert.send_robust(sender=None, message=message):
        if isinstance(answer, Exception):
            raise RuntimeError(f"{receiver!r} raised {answer!r}") from answer
