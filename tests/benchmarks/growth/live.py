"""The work that is there beside the history, the same at every size, and the hands that move it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg

from pgprocess.alerts.outbox import Outbox
from pgprocess.attempt import Claim, Outcome
from pgprocess.cron.agenda import Agenda, Tick
from pgprocess.postgres.connection import Database, connect
from pgprocess.queue.claim import Demand
from pgprocess.queue.queue import Identity, Queue
from pgprocess.queue.selector import QueueSelector
from pgprocess.statuses import Status
from tests.benchmarks.growth.history import SHAPES
from tests.benchmarks.scale import define, start
from tests.builders.drawing import on_connection
from tests.builders.workers import report

DONE = Outcome(status=Status.SUCCEEDED, exit_code=0)
OTHER = "other"
RUNNING = """
UPDATE pgprocess_job
   SET started_at = now() - interval '90 s', logical_date = now() - interval '90 s', origin = 'schedule'
 WHERE id = %s
"""


class Live:
    """A worker with its queue, a cron with its agenda, and processes of one task, of ten, and with a delay.

    Beside what is measured, 2,000 tasks are ready, 20 jobs run, and 1,000 tasks are scheduled.
    """

    def __init__(self, alias: str = "default") -> None:
        self.connection = connect(alias, "psql")
        self.execute = execute = on_connection(self.connection)
        self.queue = Queue(Database(alias), selector=QueueSelector(queues=("default",)))
        self.keeper = Queue(Database(alias))
        self.other = Queue(Database(alias), selector=QueueSelector(queues=(OTHER,)))
        self.agenda, self.outbox = Agenda(Database(alias)), Outbox(Database(alias))
        self.identity = Identity("app-1", 1, 100)
        self.single = define(execute, 1, SHAPES[0][1])
        self.chain = define(execute, *SHAPES[1])
        self.fan = define(execute, *SHAPES[2])
        self.aside = define(execute, *SHAPES[3])
        self.apart(self.chain, OTHER)
        self.apart(self.aside, "aside")
        execute("UPDATE pgprocess_process SET overlap = 'allow' WHERE id = ANY (%s)", [[self.chain, self.fan]])
        self.claims: list[Claim] = []
        self.worker = 0
        self.job = 0

    def begin(self) -> None:
        """Ready, running and scheduled tasks are there, and the worker lives."""
        self.worker = self.queue.register(self.identity)
        self.claims = []
        self.jobs(self.single, 2000)
        for _ in range(20):
            self.job = start(self.execute, self.aside)
            self.execute("SET session_replication_role = replica")
            self.execute(RUNNING, [self.job])
            self.execute("SET session_replication_role = DEFAULT")
        self.jobs(self.single, 1000, run_at="now() + interval '1 day'")
        self.execute("ANALYZE")

    def apart(self, process: int, queue: str) -> None:
        """The process's tasks go into this queue."""
        self.execute("UPDATE pgprocess_task SET queue = %s WHERE process_id = %s", [queue, process])

    def jobs(self, process: int, number: int, run_at: str = "NULL") -> None:
        """So many jobs in one INSERT."""
        self.execute(
            f"INSERT INTO pgprocess_job (process_id, run_at) SELECT %s, {run_at} FROM generate_series(1, %s)",
            [process, number],
        )

    def over(self, process: int) -> None:
        """Jobs of the process that run are cancelled."""
        self.execute(
            "UPDATE pgprocess_job SET status = 'cancelled' WHERE status = 'running' AND process_id = %s", [process]
        )

    def claim(self, queue: Queue | None = None) -> None:
        """A hundred ready tasks are the worker's."""
        self.claims = (queue or self.queue).claim(Demand(self.worker, 100)).claims
        assert len(self.claims) == 100, len(self.claims)

    def complete(self) -> None:
        """What the worker has claimed has succeeded."""
        done = self.queue.complete([report(claim, DONE) for claim in self.claims])
        assert len(done.accepted) == len(self.claims)
        self.claims = []

    def refill(self) -> None:
        """The worker has nothing, and a hundred more tasks are ready."""
        self.complete()
        self.jobs(self.single, 100)

    def take(self) -> None:
        """The worker has a hundred tasks without children."""
        self.refill()
        self.claim()

    def take_parents(self) -> None:
        """The worker has a hundred tasks, each with one child."""
        self.complete()
        if not self.waiting():
            self.jobs(self.chain, 100)
        self.claim(self.other)

    def waiting(self) -> bool:
        """Whether something is ready in the other queue."""
        return bool(
            self.execute("SELECT 1 FROM pgprocess_jobtask WHERE status = 'ready' AND queue = %s LIMIT 1", [OTHER])
        )

    def beat(self) -> None:
        """The worker lives."""
        self.queue.heartbeat(self.worker, self.identity, "running")

    def rescue(self) -> None:
        """Nobody is lost."""
        self.queue.rescue(steady=60.0, max_crashes=3)

    def tick(self) -> None:
        """Ten slots become jobs, and then have not."""
        [(now,)] = self.execute("SELECT now()")
        slots = [Tick(process, now + timedelta(days=day)) for process in (self.chain, self.fan) for day in range(1, 6)]
        with self.agenda.transaction():
            assert len(self.agenda.tick(slots)) == 10
            raise psycopg.Rollback

    def connections(self) -> list[psycopg.Connection[Any]]:
        """Of all who speak, for those who listen in; Django's own among them."""
        from django.db import connection

        connection.ensure_connection()
        speak = (self.queue, self.other, self.agenda, self.outbox)
        return [self.connection, *(each.connection for each in speak), connection.connection]

    def close(self) -> None:
        """Nobody speaks any more, and what was there is no schedule of the next size."""
        self.execute("UPDATE pgprocess_worker SET state = 'stopped' WHERE id = %s", [self.worker])
        for connected in (self.queue, self.other, self.agenda, self.outbox):
            connected.close()
        self.connection.close()
