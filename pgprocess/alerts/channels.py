"""How each receiver of alerts is told: mail, webhook, ping, signal. A new channel is a function here. No database.

A receiver is a word: ``email:ops@example.com``, ``webhook:https://…``, ``signal``, or ``ping:https://…`` for the
monitor of one process. To be told means that it took the message: a receiver that is not there raises.
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from pgprocess.alerts.outbox import Message

PATIENCE = 10.0


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
