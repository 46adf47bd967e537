"""The demo: a Postgres of its own, a worker, the example's process, and its report in the browser.

    python example_project/demo.py [--exit]

Everything it makes stands in ``.demo`` beside this folder, or in DEMO_FOLDER. PGPROCESS_DATABASE_URL names a
database to use instead of a Postgres of its own, DEMO_PORT the port of the site.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

REQUIRED = ("django", "psycopg", "pgtrigger", "pgprocess", "currency_converter", "rich")


def main(arguments: list[str]) -> int:
    """The demo has run and ended; gives its exit code, 0 if the job succeeded."""
    parser = argparse.ArgumentParser(description="Run the example process once and show its report.")
    parser.add_argument("--exit", action="store_true", help="end after the run instead of serving the site")
    options = parser.parse_args(arguments)
    if missing := [name for name in REQUIRED if find_spec(name) is None]:
        return _fail(f"Python can't find {', '.join(missing)}: run make demo, or pip install '.[demo]' in {ROOT}.")
    return _demo(serve=not options.exit)


def _demo(*, serve: bool) -> int:
    """As `main`, when everything is installed; what is imported here was looked for before."""
    from django.db import OperationalError
    from tour.failure import DemoError
    from tour.stopping import Stopped, Stopping

    from pgprocess.devtools.postgres import running_postgres
    from pgprocess.exceptions import ConfigurationError

    stopping = Stopping()
    folder = Path(os.environ.get("DEMO_FOLDER", ROOT / ".demo")).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with running_postgres(folder / "postgres") as url:
            stopping.check()
            _set_up(folder, url)
            from tour.run import run

            return run(folder, stopping, serve=serve)
    except (ConfigurationError, DemoError) as error:
        return _fail(str(error))
    except OperationalError as error:
        return _fail(f"Postgres does not answer, or no more: {error}")
    except Stopped as stopped:
        print("The demo was stopped before its job was over.", file=sys.stderr)
        return stopped.code


def _set_up(folder: Path, url: str) -> None:
    """Django is ready, here and in every child process to come."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PGPROCESS_DATABASE_URL": url,
        "EXAMPLE_REPORTS": str(folder / "reports"),
        "EXAMPLE_WORK": str(folder / "work"),
        "EXAMPLE_DEBUG": "1",
    }
    import django

    django.setup()


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
