"""Why a script failed: of one that only ended with a code, the last line of its errors says more than the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Right

from pgprocess.admin.jobtask.log import Piece, plain
from pgprocess.models import JobTask, LogChunk
from pgprocess.models.log import Stream
from pgprocess.text import last_line

BARE = ("exit code ", "killed by ")  # how an error begins that only tells how the script ended
END, SHOWN = 2000, 300  # characters that are read, and of a line that are shown


def is_bare(error: str) -> bool:
    """Whether an error says no more than how the script ended."""
    return error.startswith(BARE) and "\n" not in error.strip()


def cries(errors: Mapping[int, str]) -> dict[int, str]:
    """Of the job tasks with these errors, by their keys, what those that only ended with a code said last.

    At most one query. It tells what was logged: ask for those only who may see logs.
    """
    bare = [pk for pk, error in errors.items() if is_bare(error)]
    if not bare:
        return {}
    chunks = LogChunk.objects.filter(jobtask=OuterRef("pk"), attempt=OuterRef("attempt"), stream=Stream.STDERR)
    newest = Subquery(chunks.order_by("-seq").annotate(end=Right("text", END)).values("end")[:1])
    ends = JobTask.objects.filter(pk__in=bare).annotate(end=newest).values_list("pk", "end")
    return {pk: found for pk, end in ends if (found := last_line(plain(end or ""))[:SHOWN])}


def cry(error: str, pieces: Iterable[Piece]) -> str:
    """The same of one task, from the pieces of its log."""
    errors = [piece.text for piece in pieces if piece.stream == Stream.STDERR and piece.text.strip()]
    return last_line(errors[-1])[:SHOWN] if errors and is_bare(error) else ""
