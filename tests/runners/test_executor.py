"""However a run ends, it becomes one Outcome; and whether and when there is another try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pgprocess.attempt import Outcome
from pgprocess.exceptions import Ending, Fail, PgprocessError, Retry, Skip
from pgprocess.logs.capture import Output
from pgprocess.runners import endings
from pgprocess.runners.base import ConcurrentRunner, Run, Stop
from pgprocess.runners.executor import LONGEST_TEXT, Executor
from pgprocess.statuses import Status
from tests.builders import attempts as builders
from tests.builders.attempts import Recorder, nowhere, outcome_of

Code = Callable[[Run, Output, Stop], Outcome]


class Blocking:
    """A runner that does what ``code`` does."""

    def __init__(self, code: Code) -> None:
        self.run = code


class Concurrent(ConcurrentRunner):
    """A runner whose runs end when the test says so."""

    end: Callable[[Callable[[], Outcome]], object]

    def blocks(self, run: Run) -> bool:
        return False

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        raise AssertionError("nobody should wait for this run")

    def submit(self, run: Run, output: Output, stop: Stop, on_end: Any) -> None:
        self.end = on_end


def ending_in(error: BaseException) -> Callable[[], Outcome]:
    def end() -> Outcome:
        raise error

    return end


@pytest.fixture
def executor() -> Iterator[Executor]:
    executor = Executor(grace=0.1)
    yield executor
    executor.close()


@pytest.fixture
def ending_of(executor: Executor) -> Callable[..., Outcome]:
    """Run a task whose code is ``code``."""

    def ending_of(code: Code, *, output: Output | None = None, stop: Stop | None = None, **fields: Any) -> Outcome:
        executor.runners["fake"] = Blocking(code)
        output = output or Recorder()
        outcome = outcome_of(executor, a_run(**fields), output, stop)
        assert not isinstance(output, Recorder) or output.text() == ""
        return outcome

    return ending_of


def a_run(**fields: Any) -> Run:
    return builders.a_run(**{"kind": "fake"} | fields)


def returns(outcome: Outcome) -> Code:
    return lambda run, output, stop: outcome


def raises(error: BaseException) -> Code:
    def code(run: Run, output: Output, stop: Stop) -> Outcome:
        raise error

    return code


def test_what_went_well_is_left_as_it_is(ending_of: Any) -> None:
    outcome = endings.succeeded('{"rows": 5}', exit_code=0)
    assert ending_of(returns(outcome)) == outcome


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        (Skip("nothing new"), Outcome(status=Status.SKIPPED, reason="nothing new")),
        (Skip(), Outcome(status=Status.SKIPPED, reason="Skip was raised")),
        (Fail("bad file"), Outcome(status=Status.FAILED, error="bad file")),
        (Fail(), Outcome(status=Status.FAILED, error="Fail was raised")),
        (Retry("busy", after=60), Outcome(status=Status.SCHEDULED, error="busy", delay=60.0)),
        (Retry(after=-1), Outcome(status=Status.SCHEDULED, error="Retry was raised", delay=0.0)),
        (Retry("busy"), Outcome(status=Status.SCHEDULED, error="busy", delay=7.0)),
        (Ending("odd"), Outcome(status=Status.FAILED, error="odd")),
    ],
)
def test_a_task_may_say_itself_how_it_ends(ending_of: Any, ending: Ending, outcome: Outcome) -> None:
    assert ending_of(raises(ending), max_attempts=3, retry_delay=7) == outcome


@pytest.mark.parametrize(
    ("fields", "delay"),
    [
        ({"attempt": 1}, 10.0),
        ({"attempt": 3, "backoff": "linear"}, 30.0),
        ({"attempt": 3, "backoff": "exponential"}, 40.0),
        ({"attempt": 3, "free_attempts": 1, "backoff": "exponential"}, 20.0),
        ({"attempt": 3, "backoff": "exponential", "max_retry_delay": 25}, 25.0),
        ({"attempt": 1, "retry_delay": 0}, 0.0),
    ],
)
def test_a_failure_is_tried_again_after_its_delay(ending_of: Any, fields: Any, delay: float) -> None:
    outcome = ending_of(returns(endings.failed("exit code 1")), **{"max_attempts": 4, "retry_delay": 10} | fields)
    assert outcome == Outcome(status=Status.SCHEDULED, error="exit code 1", delay=delay)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "the only attempt is used up"),
        ({"attempt": 3, "max_attempts": 3}, "all 3 attempts are used up"),
        ({"attempt": 5, "free_attempts": 2, "max_attempts": 3}, "all 3 attempts are used up"),
    ],
)
def test_with_no_attempts_left_a_failure_is_final_and_says_so(ending_of: Any, fields: Any, reason: str) -> None:
    outcome = ending_of(returns(endings.failed("exit code 1", exit_code=1)), **fields)
    assert outcome == Outcome(status=Status.FAILED, error="exit code 1", exit_code=1, reason=reason)


def test_a_retry_with_no_attempts_left_fails(ending_of: Any) -> None:
    outcome = ending_of(raises(Retry("busy", after=60)))
    assert (outcome.status, outcome.error, outcome.delay) == (Status.FAILED, "busy", None)


def test_a_task_that_says_it_fails_is_not_tried_again(ending_of: Any) -> None:
    assert ending_of(raises(Fail("bad file")), max_attempts=5).status == Status.FAILED


def test_an_exception_is_the_error_and_its_traceback_is_output(ending_of: Any) -> None:
    output = Recorder()
    outcome = ending_of(raises(ValueError("no such day")), output=output)
    assert (outcome.status, outcome.error) == (Status.FAILED, "ValueError: no such day")
    assert output.stderr.startswith("Traceback (most recent call last):\n")
    assert output.stderr.endswith("ValueError: no such day\n")
    assert "pgprocess/runners/executor.py" not in output.stderr


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_nothing_that_is_raised_gets_past(ending_of: Any, error: BaseException) -> None:
    outcome = ending_of(raises(error))
    assert (outcome.status, outcome.error) == (Status.FAILED, endings.describe(error))


def test_an_ending_that_makes_no_sense_is_a_failure(ending_of: Any) -> None:
    outcome = ending_of(raises(Retry(after="soon")))  # type: ignore[arg-type]
    assert (outcome.status, outcome.error) == (
        Status.FAILED,
        "ValueError: could not convert string to float: 'soon'",
    )


def test_output_that_can_not_be_written_does_not_hide_the_error(ending_of: Any) -> None:
    class Full:
        def write(self, stream: str, data: bytes) -> None:
            raise OSError("full")

    assert ending_of(raises(ValueError("x")), output=Full()).error == "ValueError: x"


def test_an_error_of_ours_is_one_sentence_without_a_traceback(executor: Executor) -> None:
    output = Recorder()
    outcome = outcome_of(executor, a_run(kind="cobol"), output, Stop())
    assert outcome.error == (
        "Task 'load' is of kind 'cobol'; this worker runs only " + ", ".join(executor.runners) + "."
    )
    assert (outcome.status, output.written) == (Status.FAILED, [])


def test_an_error_of_ours_out_of_the_tasks_code_has_its_traceback(ending_of: Any) -> None:
    output = Recorder()
    assert ending_of(raises(PgprocessError("no")), output=output).error == "pgprocess.exceptions.PgprocessError: no"
    assert "Traceback" in output.stderr


def test_texts_are_such_that_a_database_takes_them(ending_of: Any) -> None:
    assert ending_of(raises(Skip("a\x00b \udc80"))).reason == "a\N{REPLACEMENT CHARACTER}b \\udc80"
    assert len(ending_of(raises(Fail("x" * 1_000_000))).error) == LONGEST_TEXT


def waits_for_stop(run: Run, output: Output, stop: Stop) -> Outcome:
    assert stop.requested.wait(30)
    return endings.failed("killed by SIGTERM (exit code -15)", exit_code=-15)


def test_a_timeout_is_a_failure_that_is_tried_again(ending_of: Any) -> None:
    outcome = ending_of(waits_for_stop, timeout=0.01, max_attempts=2, retry_delay=5)
    words = "timed out after 0.01 s"
    assert outcome == Outcome(status=Status.SCHEDULED, exit_code=-15, error=words, reason=words, delay=5.0)


def test_a_timeout_with_no_attempts_left_ends_in_failed_with_the_reason(ending_of: Any) -> None:
    outcome = ending_of(waits_for_stop, timeout=0.01)
    assert outcome.status == Status.FAILED
    assert outcome.reason == "timed out after 0.01 s; the only attempt is used up"


@pytest.mark.parametrize(
    ("reason", "status", "words"),
    [
        ("cancelled", Status.CANCELLED, "cancelled"),
        ("shutdown", Status.READY, "given back: its worker stopped"),
    ],
)
def test_what_is_told_to_stop_ends_accordingly(ending_of: Any, reason: Any, status: Status, words: str) -> None:
    def code(run: Run, output: Output, stop: Stop) -> Outcome:
        stop.request(reason)
        stop.request("timeout")
        raise ValueError("broke off")

    assert ending_of(code, max_attempts=3) == Outcome(status=status, reason=words)


def test_what_has_ended_can_not_be_stopped(ending_of: Any) -> None:
    stop = Stop()
    ending_of(returns(endings.succeeded()), stop=stop)
    stop.request("cancelled")
    assert stop.reason is None


def test_a_run_that_blocks_is_handed_to_another_thread_and_done_there(executor: Executor) -> None:
    executor.runners["fake"] = Blocking(returns(endings.succeeded()))
    handed: list[Callable[[], None]] = []
    done: list[Outcome] = []
    executor.begin(a_run(), Recorder(), Stop(), done.append, handed.append)
    assert done == []
    handed[0]()
    assert done == [endings.succeeded()]


def test_a_run_that_does_not_block_is_done_later(executor: Executor) -> None:
    executor.runners["fake"] = runner = Concurrent()
    done: list[Outcome] = []
    executor.begin(a_run(), Recorder(), Stop(), done.append, nowhere)
    assert done == []
    runner.end(ending_in(Skip("nothing new")))
    assert done == [Outcome(status=Status.SKIPPED, reason="nothing new")]


def test_an_abandoned_run_is_done_at_once_and_only_once(executor: Executor) -> None:
    executor.runners["fake"] = runner = Concurrent()
    done: list[Outcome] = []
    stop = Stop()
    executor.begin(a_run(timeout=60), Recorder(), stop, done.append, nowhere)
    stop.request("timeout")
    stop.abandoned.happen()
    runner.end(endings.succeeded)
    [outcome] = done
    assert outcome.status == Status.FAILED
    assert outcome.reason == "timed out after 60 s; the only attempt is used up"
    assert outcome.error.startswith("timed out after 60 s; it could not be stopped and was abandoned")
