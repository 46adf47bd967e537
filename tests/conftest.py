"""One Postgres for the whole run, one database for each test process, all copied from one migrated template.

The server starts when a test first asks for a database; under pytest-xdist before the first worker starts. It
is the one that PGPROCESS_DATABASE_URL names, if that is set; what we make there is dropped at the end. Any
process that a test starts finds the test's database in that same variable.
"""

from __future__ import annotations

import os
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from psycopg.sql import SQL, Identifier

from pgprocess.devtools.account import choose_account
from pgprocess.devtools.postgres import (
    THROWAWAY,
    database_settings,
    database_url,
    find_binaries,
    running_postgres,
)
from pgprocess.exceptions import ConfigurationError

pytest_plugins = ["tests.builders.engines"]

# How long an example takes decides nothing: on a busy machine a quick one takes longer than hypothesis would allow.
hypothesis_settings.register_profile("pgprocess", deadline=None)
hypothesis_settings.load_profile("pgprocess")

URL = "PGPROCESS_DATABASE_URL"
RUN = "PGPROCESS_TEST_RUN"  # begins the name of every database of this run; workers inherit it
CLEANUP = pytest.StashKey[ExitStack]()
SERVER = pytest.StashKey[str]()


# The server


def pytest_configure(config: pytest.Config) -> None:
    """Name the run, and open its temporary folders to Postgres; a worker inherits both."""
    # A shell that starts a run in the background has it ignore SIGINT, and with it whatever a test starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[CLEANUP] = cleanup = ExitStack()
    if _is_worker(config):
        return
    _environment(config).setenv(RUN, f"pgprocess_test_{uuid.uuid4().hex[:8]}")
    if _is_another_account() and not config.option.basetemp:
        config.option.basetemp = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="pgprocess-tests-"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop and drop what this run made; its workers have ended before."""
    config.stash[CLEANUP].close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Start the server before pytest-xdist starts its workers, which inherit the environment."""
    with suppress(ConfigurationError):  # it is for the tests that need a database to fail
        _server(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests go to whichever process is free, but the faults, which share an arena, all to one.

    The mark ``xdist_group`` would say so, too, but pytest-xdist 3.8 does not see it under pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    if config.option.dist != "load":
        return None
    config.option.loadscopereorder = False  # in the order of the folders, as without this

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file.endswith("chaos/test_faults.py") else nodeid

    return Scheduling(config, log)


def pytest_report_header(config: pytest.Config) -> str:
    """Say which Postgres the tests run on."""
    try:
        if os.environ.get(URL):
            with psycopg.connect(os.environ[URL], connect_timeout=5) as connection:
                return f"postgres: {connection.info.parameter_status('server_version')} at {URL}"
        binaries = find_binaries()
        return f"postgres: {binaries.version()} from {binaries.origin} ({binaries.folder})"
    except (ConfigurationError, psycopg.Error) as error:
        return f"postgres: none. {error}"


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _environment(config: pytest.Config) -> pytest.MonkeyPatch:
    return config.stash[CLEANUP].enter_context(pytest.MonkeyPatch.context())


def _server(config: pytest.Config) -> str:
    """Return the URL of the run's server, which runs from now on until the end of the run."""
    if SERVER not in config.stash:
        cleanup = config.stash[CLEANUP]
        config.stash[SERVER] = url = cleanup.enter_context(running_postgres(settings=THROWAWAY))
        _environment(config).setenv(URL, url)
        if not _is_worker(config):
            cleanup.callback(_drop_databases, url)
    return config.stash[SERVER]


# The folders


def _is_another_account() -> bool:
    """Tell whether root steps down to another account here, which can't enter pytest's temporary folders."""
    try:
        account = choose_account(Path("/nonexistent"), find_binaries().program("postgres"))
    except ConfigurationError:
        return False
    return account.owner not in (None, (0, 0))


@pytest.fixture(scope="session")
def tmp_path_factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.TempPathFactory]:
    """pytest's, but other accounts can enter the folders that it makes, where Postgres is another account."""
    if not _is_another_account():
        yield tmp_path_factory
        return
    make, base = tmp_path_factory.mktemp, tmp_path_factory.getbasetemp()

    def mktemp(basename: str, numbered: bool = True) -> Path:
        made = make(basename, numbered)
        for folder in {made, base, base.parent} - {Path(tempfile.gettempdir())}:  # a worker's base is in the run's
            folder.chmod(0o711)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tmp_path_factory, "mktemp", mktemp)
        yield tmp_path_factory


# The databases


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Instead of pytest-django's: a copy of the template is the default database of this process."""
    from django.db import connections

    server, run = _server(request.config), os.environ[RUN]
    copy = f"{run}_{os.getpid()}"
    with django_db_blocker.unblock():
        _make_template(server, run)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(copy), Identifier(run)))
        _environment(request.config).setenv(URL, _use(server, copy))
    yield
    with django_db_blocker.unblock():
        connections.close_all()


def _make_template(server: str, name: str) -> None:
    """Leave a migrated database ``name``; the first process of the run makes it, the others wait for it."""
    from django.core.management import call_command
    from django.db import connections

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
            return
        unfinished = f"{name}_unfinished"
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(unfinished)))
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(unfinished)))
        _use(server, unfinished)
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
        connections.close_all()
        rename = SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(unfinished), Identifier(name))
        connection.execute(rename)


def _use(server: str, name: str) -> str:
    """Point Django at the database ``name`` of the server and return its URL."""
    from django.db import connection

    connection.settings_dict.update(database_settings(server) | {"NAME": name})
    return database_url(connection.settings_dict)


def _drop_databases(server: str) -> None:
    with suppress(psycopg.OperationalError), psycopg.connect(server, autocommit=True) as connection:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        for (name,) in connection.execute(query, [os.environ[RUN]]).fetchall():
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


# What tests ask for


@pytest.fixture
def dsn(transactional_db: None) -> str:
    """The test database as a URL, for ``psycopg.connect``, psql and PGPROCESS_DATABASE_URL.

    Other connections see only what is committed: the test runs without a transaction and is flushed after.
    """
    from django.db import connection

    return database_url(connection.settings_dict)


@pytest.fixture
def connect(dsn: str) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """Open real connections to the test database: autocommit unless told, closed at the end of the test."""
    with ExitStack() as opened:

        def connect(**options: Any) -> psycopg.Connection[Any]:
            connection: psycopg.Connection[Any] = psycopg.connect(dsn, **{"autocommit": True} | options)
            opened.callback(connection.close)
            return connection

        yield connect
