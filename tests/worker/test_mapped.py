"""Items that run while their list comes anew."""

from __future__ import annotations

import threading
import time

from pgprocess.context import Context
from pgprocess.registry import task
from tests.builders.background import Background, call
from tests.builders.drawing import DrawnJob
from tests.builders.waiting import until

STOPPED = threading.Event()


@task("test.second_waits")
def second_waits(context: Context) -> None:
    """Do nothing for the first item, and for the second wait until it is stopped."""
    deadline = time.monotonic() + 30
    while context.map_index == 1 and time.monotonic() < deadline:
        print("it goes on")
        if context.cancelled:
            STOPPED.set()
            return
        time.sleep(0.01)


def test_an_item_that_runs_is_stopped_when_a_shorter_list_has_it_no_more(execute):
    STOPPED.clear()
    tasks = {"list": {"queue": "nobody's"}, "each": call("test.second_waits") | {"map_over": "list"}}
    tasks["sum"] = {"queue": "nobody's"}
    run = DrawnJob(execute, "list -> each -> sum", tasks)
    run.do("list", result="[1, 2]")
    run.set("list", "ready")
    execute("UPDATE pgprocess_jobtask SET status = 'ready' WHERE map_index = 1")
    with Background(queues=["default"]) as held:
        until(execute, "EXISTS (SELECT FROM pgprocess_jobtask WHERE map_index = 1 AND status = 'running')")
        run.do("list", result="[1]")
        until(execute, "EXISTS (SELECT FROM pgprocess_jobtask WHERE map_index = 0 AND status = 'succeeded')")
        assert STOPPED.wait(20)
        assert run.statuses == {"each": "succeeded", "list": "succeeded", "sum": "ready"}
    assert held.exit_code == 0
    assert (run.job("tasks_total"), run.job("tasks_left")) == (3, 1)
