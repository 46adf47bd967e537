"""Whatever fails, everything is done: once as far as the database is concerned, and again where it must be."""

from __future__ import annotations

import signal
import time

import pytest

from tests.chaos.arena import Arena
from tests.chaos.form import FORM

pytestmark = [pytest.mark.slow, pytest.mark.timeout(20 * FORM.patience)]

DATABASE_GONE = ("OperationalError", "InterfaceError")
"""What a task's own connection may meet when the database goes away."""


def test_nothing_fails(arena: Arena) -> None:
    with arena.story("none") as story:
        for worker in arena.fleet.workers:
            story.until_busy(worker)
    assert arena.stories["none"]["repeats"] == 0


def test_workers_are_killed_in_turn(arena: Arena) -> None:
    with arena.story("SIGKILL of workers in turn") as story:
        for _ in range(FORM.rounds):
            for worker in arena.fleet.workers:
                story.until_busy(worker)
                ids = story.blow(worker)
                worker.kill()
                worker.start()
                story.until_given_back(ids)


def test_all_workers_are_killed_at_once_and_a_cron_gives_back_what_they_ran(arena: Arena) -> None:
    with arena.story("SIGKILL of all workers") as story:
        for _ in range(FORM.rounds):
            for worker in arena.fleet.workers:
                story.until_busy(worker)
            ids = story.blow(*arena.fleet.workers)
            for worker in arena.fleet.workers:
                worker.kill()
            story.until_given_back(ids)
            arena.fleet.repair(FORM.patience)


def test_a_worker_is_frozen_for_longer_than_its_lease(arena: Arena) -> None:
    with arena.story("SIGSTOP beyond the lease") as story:
        for number in range(FORM.rounds):
            near, far = arena.fleet.workers[number % 2], arena.fleet.workers[2 + number % 2]
            for worker in (near, far):
                story.until_busy(worker)
            ids = story.blow(near, far)
            for worker in (near, far):
                worker.send(signal.SIGSTOP)
            story.until_lost(ids)
            story.until_given_back(ids)
            for worker in (near, far):
                worker.send(signal.SIGCONT)
            story.until_alive(near, far)


TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND application_name <> 'chaos' AND random() < 0.3
"""


def test_sessions_are_terminated_twice_a_second(arena: Arena) -> None:
    with arena.story("pg_terminate_backend, 2 a second", excuses=DATABASE_GONE) as story:
        for _ in range(10 * FORM.rounds):
            story.blow(*arena.fleet.workers)
            arena.look(TERMINATE)
            time.sleep(0.5)


def test_the_server_is_restarted_without_a_word(arena: Arena) -> None:
    with arena.story("restart -m immediate", excuses=DATABASE_GONE) as story:
        for _ in range(FORM.rounds):
            for worker in arena.fleet.workers:
                story.until_busy(worker)
            story.blow(*arena.fleet.workers)
            arena.server.restart_immediately()
            story.until_alive(*arena.fleet.workers)


def test_connections_are_cut(arena: Arena) -> None:
    with arena.story("connections cut, 2 a second", excuses=DATABASE_GONE) as story:
        for _ in range(10 * FORM.rounds):
            story.blow(*arena.fleet.workers[2:])
            arena.proxy.cut()
            time.sleep(0.5)


def test_the_network_is_a_black_hole_for_longer_than_a_lease(arena: Arena) -> None:
    with arena.story("black hole beyond the lease", excuses=DATABASE_GONE) as story:
        far = arena.fleet.workers[2:]
        for _ in range(FORM.rounds):
            for worker in far:
                story.until_busy(worker)
            ids = story.blow(*far)
            arena.proxy.swallow()
            try:
                story.until_lost(ids)
                story.until_given_back(ids)
            finally:
                arena.proxy.restore()
            story.until_alive(*far)


DISK_FULL = """
EXISTS (SELECT FROM pgprocess_attempt
         WHERE created_at > to_timestamp(%s) AND status = 'failed' AND error LIKE '%%No space left on device%%')
"""


def test_the_disk_is_full(arena: Arena) -> None:
    if arena.disk.missing:
        pytest.skip(f"no disk of its own: {arena.disk.missing}")
    with arena.story("full disk", excuses=("No space left on device", "exit code")) as story:
        for _ in range(FORM.rounds):
            story.until_busy(arena.fleet.workers[0])
            story.blow(*arena.fleet.workers)
            arena.disk.fill()
            try:
                arena.until(DISK_FULL, [story.blows[-1].at])
            finally:
                arena.disk.free()


def test_workers_and_crons_are_stopped_politely_and_after_so_many_tasks(arena: Arena) -> None:
    brief = arena.a_worker("worker-brief", "--max-tasks", "5")
    arena.fleet.workers.append(brief)
    try:
        with arena.story("SIGTERM, and --max-tasks") as story:
            for number in range(FORM.rounds):
                workers = arena.fleet.workers[number % 2 : 4 : 2]
                for worker in workers:
                    story.until_busy(worker)
                story.blow(*workers)
                for member in [*workers, arena.fleet.crons[number % 2]]:
                    member.send(signal.SIGTERM)
                    assert member.ended(FORM.patience) == 0
                arena.fleet.repair(FORM.patience)
                assert brief.ended(FORM.patience) == 0
                brief.start()
            brief.until_ready(FORM.patience)
            brief.send(signal.SIGTERM)
            assert brief.ended(FORM.patience) == 0
    finally:
        arena.fleet.workers.remove(brief)
        if brief.is_running:
            brief.kill()
