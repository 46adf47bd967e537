"""What tasks write becomes chunks of text: whole characters, in order, and never more than the limit."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgprocess.logs.buffer import LogBuffer, LogChunk

STREAMS = ("stdout", "stderr")


def text_of(chunks: list[LogChunk], *streams: str) -> str:
    return "".join(chunk.text for chunk in chunks if chunk.stream in (streams or STREAMS))


def written(*writes: tuple[str, bytes], limit: int = 1000) -> list[LogChunk]:
    """The chunks of one attempt that wrote so, and ended."""
    buffer = LogBuffer(limit=limit)
    log = buffer.task_log(7, 2)
    for stream, data in writes:
        log.write(stream, data)
    log.close()
    return buffer.take()


def test_a_chunk_names_its_attempt_its_stream_and_its_place() -> None:
    assert written(("stdout", b"one"), ("stderr", b"two")) == [
        LogChunk(7, 2, 1, "stdout", "one"),
        LogChunk(7, 2, 2, "stderr", "two"),
    ]


def test_chunks_can_be_taken_while_the_task_runs_and_are_taken_once() -> None:
    buffer = LogBuffer(limit=1000)
    log = buffer.task_log(1, 1)
    log.write("stdout", b"one ")
    assert text_of(buffer.take()) == "one "
    log.write("stdout", b"two")
    assert [(chunk.seq, chunk.text) for chunk in buffer.take()] == [(2, "two")]
    log.close()
    assert buffer.take() == []


@pytest.mark.parametrize("cut", range(1, len("a€😀".encode())))
def test_a_character_that_is_cut_in_two_is_put_together(cut: int) -> None:
    data = "a€😀".encode()
    chunks = written(("stdout", data[:cut]), ("stderr", b"between"), ("stdout", data[cut:]))
    assert text_of(chunks, "stdout") == "a€😀"
    assert text_of(chunks, "stderr") == "between"


def test_a_character_that_never_ends_is_shown_as_broken() -> None:
    assert text_of(written(("stdout", "é".encode()[:1]))) == "\N{REPLACEMENT CHARACTER}"


def test_bytes_that_are_no_text_are_shown_as_broken() -> None:
    assert text_of(written(("stdout", b"ok \xff\xfe ok"))) == "ok \ufffd\ufffd ok"


def test_nothing_written_is_nothing_to_take() -> None:
    assert written(("stdout", b"")) == []


def test_up_to_its_limit_all_of_it_is_kept() -> None:
    chunks = written(("stdout", b"x" * 600), ("stdout", b"y" * 400), limit=1000)
    assert text_of(chunks) == "x" * 600 + "y" * 400


def test_beyond_its_limit_head_and_tail_are_kept_and_what_fell_out_is_said() -> None:
    writes = [("stdout", f"line {number:05}\n".encode()) for number in range(10_000)]
    whole = b"".join(data for _, data in writes).decode()
    chunks = written(*writes, limit=1001)
    assert text_of(chunks, "stdout") == whole[:500] + whole[-501:]
    assert text_of(chunks, "stderr") == "\n… 108,999 bytes left out here …\n"
    assert text_of(chunks) == whole[:500] + "\n… 108,999 bytes left out here …\n" + whole[-501:]


def test_the_head_can_be_read_while_the_task_still_floods() -> None:
    buffer = LogBuffer(limit=100)
    log = buffer.task_log(1, 1)
    log.write("stdout", b"h" * 50 + b"t" * 500)
    assert text_of(buffer.take()) == "h" * 50
    log.close()
    assert text_of(buffer.take(), "stdout") == "t" * 50


def test_a_character_whose_rest_fell_out_does_not_take_a_stranger_s_rest() -> None:
    half = "é".encode()[:1]
    chunks = written(
        ("stdout", b"head" + half), ("stdout", b"x" * 20), ("stdout", "ä".encode()[1:] + b"tail"), limit=10
    )
    assert text_of(chunks).startswith("head\ufffd\n… 20 bytes left out here …\n\ufffdtail")


def test_what_could_not_be_written_down_comes_first_again() -> None:
    buffer = LogBuffer(limit=1000)
    log = buffer.task_log(1, 1)
    log.write("stdout", b"one ")
    taken = buffer.take()
    log.write("stdout", b"two ")
    buffer.put_back(taken)
    log.write("stdout", b"three")
    assert text_of(buffer.take()) == "one two three"


def test_what_may_have_been_written_down_keeps_its_place_and_what_is_new_has_its_own() -> None:
    buffer = LogBuffer(limit=1000)
    log = buffer.task_log(1, 1)
    log.write("stdout", b"one ")
    buffer.put_back(buffer.take())
    log.write("stdout", b"two")
    assert [(chunk.seq, chunk.text) for chunk in buffer.take()] == [(1, "one "), (2, "two")]


def test_much_is_told_once_until_it_is_taken() -> None:
    calls: list[int] = []
    buffer = LogBuffer(limit=10_000, urgent_at=100, urgent=lambda: calls.append(1))
    log = buffer.task_log(1, 1)
    for _ in range(5):
        log.write("stdout", b"x" * 60)
    assert len(calls) == 1
    buffer.take()
    log.write("stdout", b"x" * 100)
    assert len(calls) == 2


def test_whoever_is_told_of_much_may_take_at_once() -> None:
    taken: list[LogChunk] = []
    buffer = LogBuffer(limit=10_000, urgent_at=10, urgent=lambda: taken.extend(buffer.take()))
    buffer.task_log(1, 1).write("stdout", b"x" * 10)
    assert text_of(taken) == "x" * 10


def test_threads_that_write_at_once_lose_nothing_and_share_no_place() -> None:
    buffer = LogBuffer(limit=1_000_000)
    log = buffer.task_log(1, 1)
    barrier = threading.Barrier(4)

    def write(letter: str) -> None:
        barrier.wait()
        for _ in range(500):
            log.write("stdout", letter.encode() * 3)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = text_of(buffer.take())
    assert len(text) == 6000
    assert {text[place : place + 3] for place in range(0, 6000, 3)} == {"aaa", "bbb", "ccc", "ddd"}
    log.write("stdout", b"last")
    assert [chunk.seq for chunk in buffer.take()] == [2001]


@given(
    writes=st.lists(st.tuples(st.sampled_from(STREAMS), st.binary(max_size=40)), max_size=20),
    limit=st.integers(0, 300),
)
def test_never_more_than_the_limit_is_kept_and_never_less(writes: list[tuple[str, bytes]], limit: int) -> None:
    ascii_writes = [(stream, bytes(byte % 128 for byte in data)) for stream, data in writes]
    whole = b"".join(data for _, data in ascii_writes).decode()
    chunks = written(*ascii_writes, limit=limit)
    places = [chunk.seq for chunk in chunks]
    assert places == sorted(set(places))
    if len(whole) <= limit:
        for stream in STREAMS:
            assert text_of(chunks, stream) == b"".join(data for name, data in ascii_writes if name == stream).decode()
        assert text_of(chunks) == whole
    else:
        left_out = f"\n… {len(whole) - limit:,} bytes left out here …\n"
        assert text_of(chunks) == whole[: limit // 2] + left_out + whole[len(whole) - (limit - limit // 2) :]


@given(st.lists(st.binary(max_size=10), max_size=20))
def test_however_bytes_are_cut_the_text_is_the_same(cuts: list[bytes]) -> None:
    chunks = written(*(("stdout", cut) for cut in cuts))
    assert text_of(chunks) == b"".join(cuts).decode("utf-8", "replace")


def test_what_one_stream_writes_in_a_row_is_one_chunk() -> None:
    buffer = LogBuffer(limit=1000)
    one, other = buffer.task_log(1, 1), buffer.task_log(2, 1)
    one.write("stdout", b"a")
    other.write("stdout", b"x")
    one.write("stdout", b"b")
    one.write("stderr", b"c")
    one.write("stdout", b"d")
    chunks = [(chunk.jobtask, chunk.seq, chunk.stream, chunk.text) for chunk in buffer.take()]
    assert chunks == [(1, 1, "stdout", "ab"), (2, 1, "stdout", "x"), (1, 3, "stderr", "c"), (1, 4, "stdout", "d")]
