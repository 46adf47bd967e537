"""Signals that the project's own code may receive.

``alert`` is sent by a cron for every alert of the kinds in ``PGPROCESS["ALERTS"]["ON"]``, with ``message``, a
:class:`~pgprocess.outbox.Message`. A receiver that raises is called again later, as any other receiver of alerts.
"""

from __future__ import annotations

from django.dispatch import Signal

alert = Signal()
