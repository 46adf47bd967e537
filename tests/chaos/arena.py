"""Where it happens: the server, the network, the disk and the fleet; and one story after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.builders.drawing import on_connection
from tests.builders.waiting import until
from tests.chaos import tasks
from tests.chaos.checker import problems
from tests.chaos.disk import Disk
from tests.chaos.fleet import REPOSITORY, Fleet, Member
from tests.chaos.form import FORM
from tests.chaos.history import History, tell
from tests.chaos.journal import VARIABLE
from tests.chaos.proxy import Proxy
from tests.chaos.report import FOLDER, Blow, figures
from tests.chaos.server import Server
from tests.chaos.workload import CLOSE, Feeder, draw_shapes

DATABASE = "chaos"


class Arena:
    """All of it, from :meth:`build` until ``torn_down`` is closed. ``stories``: the figures of each fault so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal"
        self.server = Server(folder)
        self.proxy = Proxy(self.server.socket())
        self.disk = Disk(folder / "tmp")
        self.stories: dict[str, dict[str, Any]] = {}
        self.endings: dict[int, str] = {}
        self.torn_down = ExitStack()

    def build(self) -> None:
        """Everything is there, and the fleet has yet to start."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.server.start()
        self.torn_down.callback(self.server.stop)
        self.proxy.start()
        self.torn_down.callback(self.proxy.stop)
        self.disk.mount()
        self.torn_down.callback(self.disk.unmount)
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        command = [sys.executable, "-m", "tests.chaos.command", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=REPOSITORY, env=os.environ | self.environment(self.direct), check=True)
        with self.connect() as connection:
            connection.execute(Path(__file__).with_name("audit.sql").read_text())
            connection.execute(tasks.EFFECTS)
        self.endings = draw_shapes(self.connect)
        self.fleet = self.assemble()

    @property
    def direct(self) -> str:
        """The database, by the server's own socket."""
        return self.server.url(DATABASE)

    @property
    def over_the_network(self) -> str:
        """The database, by way of the proxy."""
        return f"postgres://postgres@127.0.0.1:{self.proxy.port}/{DATABASE}?sslmode=disable&gssencmode=disable"

    def environment(self, url: str) -> dict[str, str]:
        """What a process of the fleet inherits."""
        return FORM.environment | {
            "PGPROCESS_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.chaos.fleet_settings",
            "TMPDIR": str(self.disk.folder),
            VARIABLE: str(self.journal),
        }

    def assemble(self) -> Fleet:
        """Two workers and a cron beside the server, as many across the network."""
        return Fleet(
            [self.a_worker(f"worker-{number}", far=number > 2) for number in (1, 2, 3, 4)],
            [self.member(f"cron-{number}", ["pgprocess_cron"], far=number > 1) for number in (1, 2)],
        )

    def a_worker(self, name: str, *options: str, far: bool = False) -> Member:
        """A worker with four slots, which has yet to start."""
        return self.member(
            name, ["pgprocess_worker", "--concurrency", "4", "--shutdown-timeout", "1", *options], far=far
        )

    def member(self, name: str, arguments: list[str], *, far: bool) -> Member:
        """A process, which has yet to start."""
        url = self.over_the_network if far else self.direct
        return Member(name, arguments, self.environment(url), FOLDER)

    def connect(self) -> psycopg.Connection[Any]:
        """A connection that no fault but the server's own reaches."""
        return psycopg.connect(self.direct, autocommit=True, application_name="chaos")

    def look(self, statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        """What the database says; asked again while it can't be reached."""
        deadline = time.monotonic() + FORM.patience
        while True:
            try:
                with self.connect() as connection:
                    return on_connection(connection)(statement, params)
            except psycopg.OperationalError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def until(self, condition: str, params: Any = None) -> None:
        """The SQL condition holds."""
        until(self.look, condition, params, seconds=FORM.patience)

    @contextmanager
    def story(self, name: str, *, excuses: tuple[str, ...] = (), apart: Sequence[int] = ()) -> Iterator[Story]:
        """The whole fleet works within; afterwards everything has settled, and was as promised.

        Jobs of the processes ``apart`` are poison: what is promised is promised to all others.
        """
        self.fleet.repair(FORM.patience)
        [(after,)] = self.look("SELECT coalesce(max(id), 0) FROM pgprocess_job")
        feeder = Feeder(self.connect, sorted(self.endings), jobs=FORM.jobs, pace=FORM.pace)
        story = Story(self, feeder)
        feeder.start()
        try:
            yield story
        finally:
            feeder.stop()
        slots = self.settle(feeder, after)
        known = {"endings": self.endings, "slots": slots, "fed": feeder.fed, "excuses": excuses, "apart": apart}
        history = tell(self.look, self.journal, after=after, strays=self.strays(), **known)
        self.stories[name] = figures(history, story.blows)
        story.history = history
        found = problems(history)
        sentences = [f"{rule}: {sentence}" for rule, broken in found.items() for sentence in broken[:10]]
        assert not found, "\n".join([f"not as promised ({name}):", *sentences])

    def settle(self, feeder: Feeder, after: int) -> Any:
        """Every slot that was due has been seen, and every job is over, or we have waited long enough."""
        processes = sorted(feeder.slots)
        cursors: dict[int, Any] = {}
        deadline = time.monotonic() + FORM.patience
        while len(cursors) < len(processes) and time.monotonic() < deadline:
            cursors.update(dict(self.look(CLOSE, [[process for process in processes if process not in cursors]])))
            time.sleep(0.05)
        assert len(cursors) == len(processes), "no cron has looked at every schedule"
        unsettled = "SELECT id FROM pgprocess_job WHERE id > %s AND status = 'running' LIMIT 1"
        while self.look(unsettled, [after]) and time.monotonic() < deadline:
            time.sleep(0.05)
        return {process: (feeder.slots[process], cursors[process]) for process in processes}

    def strays(self) -> list[str]:
        """What still runs though every job is over; it has some time to go."""
        deadline = time.monotonic() + FORM.lease + 30
        while (strays := self.fleet.strays(f"{VARIABLE}={self.journal}")) and time.monotonic() < deadline:
            time.sleep(0.1)
        return strays


@dataclass
class Story:
    """One fault, and what it struck."""

    arena: Arena
    feeder: Feeder
    blows: list[Blow] = field(default_factory=list)
    history: History | None = None

    def id_of(self, worker: Member) -> int:
        """Its row."""
        rows = self.arena.look("SELECT max(id) FROM pgprocess_worker WHERE pid = %s", [worker.pid])
        return int(rows[0][0])

    def blow(self, *workers: Member) -> list[int]:
        """These workers are struck, now; their rows."""
        ids = [self.id_of(worker) for worker in workers]
        self.blows.append(Blow(time.time(), frozenset(ids)))
        return ids

    def until_alive(self, *workers: Member) -> None:
        """They have given a sign of life after this very moment."""
        [(now,)] = self.arena.look("SELECT clock_timestamp()")
        for worker in workers:
            condition = "EXISTS (SELECT FROM pgprocess_worker WHERE pid = %s AND state = 'running' AND last_seen > %s)"
            self.arena.until(condition, [worker.pid, now])

    def until_busy(self, worker: Member) -> None:
        """It runs something, if there is still something to do."""
        running = "SELECT count(*) FROM pgprocess_jobtask WHERE status = 'running' AND worker_id = %s"
        worker.until_ready(FORM.patience)
        worker_id = self.id_of(worker)
        while self.feeder.is_alive() and not self.arena.look(running, [worker_id])[0][0]:
            time.sleep(0.02)

    def until_given_back(self, ids: list[int]) -> None:
        """Nothing is held by these workers any more."""
        condition = "NOT EXISTS (SELECT FROM pgprocess_jobtask WHERE status = 'running' AND worker_id = ANY (%s))"
        self.arena.until(condition, [ids])

    def until_lost(self, ids: list[int]) -> None:
        """The others take them for dead."""
        self.arena.until("count(*) = %s FROM pgprocess_worker WHERE id = ANY (%s) AND state = 'lost'", [len(ids), ids])
