"""The channels that lead to receivers of alerts: mail, webhook, ping, signal. No database.

A receiver is a word: ``email:ops@example.com``, ``webhook:https://…``, ``signal``, or ``ping:https://…`` for the
monitor of one process. To add a channel, write a function of an address and a message and name it in CHANNELS.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from pgprocess.alerts.outbox import Message

PATIENCE = 10.0


def deliver(message: Message) -> None:
    """Deliver the message to its receiver. Raises any exception if the receiver did not take it."""
    channel, _colon, address = message.receiver.partition(":")
    CHANNELS[channel](address, message)


def send_email(address: str, message: Message) -> None:
    from django.core.mail import EmailMessage, get_connection

    subject = f"[pgprocess] {message.process}: {message.kind}"
    # From 6.1 on a mailer's timeout stands in the settings, and asking for a connection is deprecated.
    connection: dict[str, Any] = {"connection": get_connection(timeout=PATIENCE)} if django.VERSION < (6, 1) else {}
    EmailMessage(subject, message.text, to=[address], **connection).send()


def post_to_webhook(url: str, message: Message) -> None:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "pgprocess",
        "Idempotency-Key": f"pgprocess-{message.delivery}",
    }
    body = json.dumps(message.as_json()).encode()
    _open(urllib.request.Request(url, data=body, headers=headers, method="POST"))  # noqa: S310


def ping(url: str, message: Message) -> None:
    _open(urllib.request.Request(url))  # noqa: S310  (http only: see _open)


def _open(request: urllib.request.Request) -> None:
    """Open a URL; raise unless the answer is a success. Nothing but http and https is opened, redirects included."""
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


def send_signal(address: str, message: Message) -> None:
    from pgprocess.signals import alert

    for receiver, answer in alert.send_robust(sender=None, message=message):
        if isinstance(answer, Exception):
            raise RuntimeError(f"{receiver!r} raised {answer!r}") from answer


CHANNELS: dict[str, Callable[[str, Message], None]] = {
    "email": send_email,
    "webhook": post_to_webhook,
    "ping": ping,
    "signal": send_signal,
}
"""The function of each channel, by the first word of a receiver."""
