"""The channels that lead to receivers of alerts: mail, webhook, ping, signal. No database.

A receiver is a word: ``email:ops@example.com``, ``webhook:https://…``, ``signal``, or ``ping:https://…`` for the
monitor of one process. A channel is a function of an address and a message that builds all there is to send, and
returns the function that sends it: what can't be built is a fault of the message, and says nothing of the receiver.
To add a channel, write such a function and name it in CHANNELS.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import django

from pgprocess.display.masking import masked_url
from pgprocess.text import on_one_line

if TYPE_CHECKING:
    from email.message import Message as Headers

    from pgprocess.alerts.outbox import Message

PATIENCE = 10.0
"""Seconds that a receiver may be silent."""
REFUSALS = (urllib.error.HTTPError, SMTPResponseException, SMTPRecipientsRefused)
"""The errors of a receiver that is there, and answered: it may take another message."""
Send = Callable[[], None]


class DeliveryError(Exception):
    """A receiver can't be told; the message does not repeat the receiver's address, which is a secret."""


def prepare(message: Message) -> Send:
    """Build what the message's receiver gets, and return the function that sends it.

    Both raise any exception. Of what building raises the receiver knows nothing.
    """
    channel, _colon, address = message.receiver.partition(":")
    if channel not in CHANNELS:
        raise DeliveryError(f"There is no channel {channel!r}.")
    return CHANNELS[channel](address, message)


def is_out_of_reach(error: BaseException) -> bool:
    """Return whether the error says that the receiver is not there, so that other messages need not be tried."""
    return isinstance(error, OSError | SMTPException) and not isinstance(error, REFUSALS)


def describe(error: BaseException) -> str:
    """Return what the error says, without the receiver's address."""
    if isinstance(error, urllib.error.HTTPError):
        phrase = HTTPStatus(error.code).phrase if error.code in set(HTTPStatus) else ""
        return f"HTTPError: {error.code} {phrase}".strip()
    return f"{type(error).__name__}: {error}"


def masked_receiver(receiver: str) -> str:
    """Return the receiver as a log may name it: of an address no more than the host, for the rest is a secret."""
    channel, _colon, address = receiver.partition(":")
    if channel not in ("webhook", "ping"):
        return receiver
    return f"{channel}:{masked_url(address)}"


def email(address: str, message: Message) -> Send:
    from django.core.mail import EmailMessage, get_connection

    subject = on_one_line(f"[pgprocess] {message.process}: {message.kind}")
    # From 6.1 on a mailer's timeout stands in the settings, and asking for a connection is deprecated.
    connection: dict[str, Any] = {"connection": get_connection(timeout=PATIENCE)} if django.VERSION < (6, 1) else {}
    mail = EmailMessage(subject, message.text, to=[address], **connection)
    mail.message()  # raises here, and not while it is sent, for what no mail can hold

    def send() -> None:
        mail.send()

    return send


def webhook(url: str, message: Message) -> Send:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "pgprocess",
        "Idempotency-Key": f"pgprocess-{message.delivery}",
    }
    body = json.dumps(message.as_json()).encode()
    return _call(url, data=body, headers=headers, method="POST")


def ping(url: str, message: Message) -> Send:
    return _call(url)


class SameHost(urllib.request.HTTPRedirectHandler):
    """Follows redirects within one host: an address and what is sent there are meant for nobody else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Headers, newurl: str
    ) -> urllib.request.Request | None:
        """Return the next request. Raises DeliveryError for another host or port, and from https to http."""
        if _origin(newurl) not in (_origin(req.full_url), ("https", _origin(req.full_url)[1], 443)):
            raise DeliveryError(f"it redirects ({code}) to another host, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def _call(url: str, **options: Any) -> Send:
    """Return the function that calls a URL and raises unless the answer is a success.

    Nothing but http and https is opened. What the errors say is free of the URL, which is a secret.
    """
    try:
        request = urllib.request.Request(url, **options)  # noqa: S310  (http only: see the handlers)
    except ValueError:
        raise DeliveryError("its address is none") from None

    def send() -> None:
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler,
            urllib.request.HTTPHandler,
            urllib.request.HTTPSHandler,
            urllib.request.HTTPDefaultErrorHandler,
            SameHost,
            urllib.request.HTTPErrorProcessor,
            urllib.request.UnknownHandler,
        ):
            opener.add_handler(handler())
        try:
            with opener.open(request, timeout=PATIENCE):
                pass
        except (OSError, DeliveryError):
            raise
        except Exception as error:  # noqa: BLE001  such as InvalidURL, which repeats the address
            raise DeliveryError(f"its address can't be called ({type(error).__name__})") from None

    return send


def signal(address: str, message: Message) -> Send:
    from pgprocess.signals import alert

    def send() -> None:
        for receiver, answer in alert.send_robust(sender=None, message=message):
            if isinstance(answer, Exception):
                raise DeliveryError(f"{receiver!r} raised {answer!r}") from answer

    return send


CHANNELS: dict[str, Callable[[str, Message], Send]] = {
    "email": email,
    "webhook": webhook,
    "ping": ping,
    "signal": signal,
}
"""The function of each channel, by the first word of a receiver."""
