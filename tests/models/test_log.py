"""The one reader of output: the end of an attempt, what comes after a place, all of it."""

from __future__ import annotations

import pytest

from pgprocess.models import JobTask, LogChunk
from tests.builders.drawing import DrawnJob, on_django

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> JobTask:
    """Return a job task that has written nothing."""
    DrawnJob(on_django(), "a")
    return JobTask.objects.get()


def write(task: JobTask, *texts: str, attempt: int = 1, stream: str = "stdout", start: int = 1) -> None:
    """Write chunks of these texts, one after the other."""
    LogChunk.objects.bulk_create(
        LogChunk(jobtask=task, attempt=attempt, seq=seq, stream=stream, text=text)
        for seq, text in enumerate(texts, start=start)
    )


def end(task: JobTask, *, size: int = 100, most: int = 10) -> tuple[list[str], bool]:
    """Return the texts of the end of the first attempt, and whether there is more before them."""
    chunks, cut = LogChunk.objects.end_of(task, 1, size=size, most=most)
    return [chunk.text for chunk in chunks], cut


def test_the_end_of_a_short_output_is_all_of_it_in_order(task: JobTask) -> None:
    assert end(task) == ([], False)
    write(task, "one", "two")
    write(task, "of another attempt", attempt=2)
    assert end(task) == (["one", "two"], False)


def test_the_end_has_at_most_so_many_chunks(task: JobTask) -> None:
    write(task, "one", "two", "three")
    assert end(task, most=3) == (["one", "two", "three"], False)
    assert end(task, most=2) == (["two", "three"], True)


def test_the_end_has_as_many_chunks_as_hold_so_many_characters(task: JobTask) -> None:
    write(task, "one", "two", "three")
    assert end(task, size=7) == (["two", "three"], True)
    assert end(task, size=11) == (["one", "two", "three"], False)
    assert end(task, size=4) == (["hree"], True)


def test_what_comes_after_a_place_goes_on_with_the_next_attempts(task: JobTask) -> None:
    write(task, "1.1", "1.2")
    write(task, "2.1", attempt=2)
    after = [chunk.text for chunk in LogChunk.objects.after({task.pk: (1, 1)})]
    assert after == ["1.2", "2.1"]
    assert [chunk.text for chunk in LogChunk.objects.after({task.pk: (1, 1)}, last_attempt=1)] == ["1.2"]
    assert [chunk.text for chunk in LogChunk.objects.after({task.pk: (0, 0)}, most=2)] == ["1.1", "1.2"]


def test_nothing_comes_after_a_place_that_can_not_be(task: JobTask) -> None:
    write(task, "one")
    assert LogChunk.objects.after({task.pk: (10**17, 0)}, last_attempt=10**17) == []
    assert LogChunk.objects.after({task.pk: (1, 10**17)}) == []


def test_the_whole_is_what_was_written_in_pages(task: JobTask) -> None:
    write(task, *(f"{n}\n" for n in range(150)))
    write(task, "oops\n", stream="stderr", start=151)
    assert "".join(LogChunk.objects.whole(task, 1)) == "".join(f"{n}\n" for n in range(150)) + "oops\n"
    assert "".join(LogChunk.objects.whole(task, 1, "stderr")) == "oops\n"
    assert [*LogChunk.objects.whole(task, 2)] == []
