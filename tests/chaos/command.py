"""``manage.py`` of the fleet. The lease, which no setting shortens, is shortened here."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from pgprocess.worker.options import WorkerOptions


def main() -> None:
    """The command has run, with the lease of the form as its default."""
    defaults = WorkerOptions.__init__.__kwdefaults__
    assert defaults
    assert "lease" in defaults
    defaults["lease"] = float(os.environ["CHAOS_LEASE"])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
