"""The last line on stderr of a script that failed: it says more than an exit code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Right

from pgprocess.display.terminal import without_codes
from pgprocess.models import JobTask, LogChunk
from pgprocess.models.log import Stream
from pgprocess.text import last_line

BARE = ("exit code ", "killed by ")  # how an error begins that only says how the script ended
END, SHOWN = 2000, 300  # characters that are read, and of a line that are shown


def is_bare(error: str) -> bool:
    """Return whether an error says no more than how the script ended."""
    return error.startswith(BARE) and "\n" not in error.strip()


def last_words_of(errors: Mapping[int, str]) -> dict[int, str]:
    """Return the last line that job tasks wrote to stderr, by key, of those whose error is no more than a code.

    ``errors`` are the errors by the keys of the job tasks. At most one query. The answer tells what was logged: ask for
    people only who may see logs.
    """
    bare = [pk for pk, error in errors.items() if is_bare(error)]
    if not bare:
        return {}
    chunks = LogChunk.objects.filter(jobtask=OuterRef("pk"), attempt=OuterRef("attempt"), stream=Stream.STDERR)
    newest = Subquery(chunks.order_by("-seq").annotate(end=Right("text", END)).values("end")[:1])
    ends = JobTask.objects.filter(pk__in=bare).annotate(end=newest).values_list("pk", "end")
    return {pk: found for pk, end in ends if (found := last_line(without_codes(end or ""))[:SHOWN])}


def last_words_in(error: str, chunks: Iterable[LogChunk]) -> str:
    """Return the same of one job task, from these chunks of its output; empty if its error says more than a code."""
    texts = [text for chunk in chunks if chunk.stream == Stream.STDERR and (text := without_codes(chunk.text)).strip()]
    return last_line(texts[-1])[:SHOWN] if texts and is_bare(error) else ""
