"""``pgprocess_prune`` as people type it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.builders.commands import ended
from tests.builders.drawing import DrawnJob, draw


@pytest.fixture
def histories(execute):
    """Two processes, each with three jobs that ended 40 days ago: skipped, failed, succeeded."""
    for name in ("nightly", "hourly"):
        process = draw(execute, "a", name=name)
        DrawnJob(execute, process, status="skipped")
        for ending in ("failed", "succeeded"):
            DrawnJob(execute, process).do("a", ending)
    execute("UPDATE pgprocess_job SET finished_at = now() - interval '40 days'")


@pytest.fixture
def pruned(execute, histories, capsys):
    """Run the command; return its sentence and the jobs that are left."""

    def prune(*options):
        call_command("pgprocess_prune", *options)
        rows = execute(
            "SELECT process.name, job.status FROM pgprocess_job AS job "
            "JOIN pgprocess_process AS process ON process.id = process_id ORDER BY job.id"
        )
        return capsys.readouterr().out, [f"{name} {status}" for name, status in rows]

    return prune


def test_what_is_old_enough_is_deleted_and_counted(pruned):
    assert pruned("--older-than", "41d")[0] == "Deleted: jobs 0, tasks 0, pieces of log 0, workers 0.\n"
    assert pruned("--older-than", "4w") == ("Deleted: jobs 6, tasks 4, pieces of log 0, workers 0.\n", [])


def test_a_dry_run_only_says_it(pruned):
    said, left = pruned("--older-than", "4w", "--dry-run")
    assert said == "Would delete: jobs 6, tasks 4, pieces of log 0, workers 0.\n"
    assert len(left) == 6


def test_status_process_and_the_newest_narrow_it(pruned):
    options = ["--older-than", "4w", "--status", "skipped, failed", "--process", "nightly"]
    assert pruned(*options)[1] == ["nightly succeeded", "hourly skipped", "hourly failed", "hourly succeeded"]
    assert pruned("--older-than", "4w", "--keep-last", "1")[1] == ["nightly succeeded", "hourly succeeded"]


def test_batches_are_said_when_more_is_wanted(pruned):
    said, _ = pruned("--older-than", "4w", "--batch", "2", "--status", "failed", "--verbosity", "2")
    assert said.splitlines() == [
        "A batch: jobs 1, tasks 1, pieces of log 0, workers 0.",
        "A batch: jobs 1, tasks 1, pieces of log 0, workers 0.",
        "Deleted: jobs 2, tasks 2, pieces of log 0, workers 0.",
    ]


def test_the_setting_says_it_where_the_command_line_does_not(pruned):
    with override_settings(PGPROCESS={"RETENTION": {"failed": "30d"}}):
        assert pruned()[0] == "Deleted: jobs 2, tasks 2, pieces of log 0, workers 0.\n"
        assert pruned("--status", "succeeded")[0] == "Deleted: jobs 0, tasks 0, pieces of log 0, workers 0.\n"


def test_workers_of_old_go_with_the_rest_but_not_for_one_process(pruned, execute):
    execute("INSERT INTO pgprocess_worker (host, pid, last_seen) VALUES ('h', 1, now() - interval '50 days')")
    assert "workers 0." in pruned("--older-than", "49d", "--process", "nightly")[0]
    said = ": jobs 0, tasks 0, pieces of log 0, workers 1.\n"
    assert pruned("--older-than", "49d", "--dry-run")[0] == f"Would delete{said}"
    assert pruned("--older-than", "49d")[0] == f"Deleted{said}"
    assert execute("SELECT count(*) FROM pgprocess_worker") == [(0,)]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Say how old is old, as in --older-than 30d: PGPROCESS['RETENTION'] does not say it."),
        (["--older-than", "30"], "'30' is no age: write a number and s, m, h, d or w, as in 30d."),
        (["--older-than", "1d", "--process", "nightli"], "There is no process 'nightli': did you mean 'nightly'?"),
        (["--older-than", "1d", "--status", "suceeded"], "There is no status 'suceeded': did you mean 'succeeded'?"),
        (["--older-than", "1d", "--batch", "0"], "'0' is not a number from 1 on."),
        (["--older-than", "1d", "--keep-last", "-1"], "'-1' is not a number from 0 on."),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(pruned, execute, options, sentence):
    with pytest.raises(CommandError) as refused:
        pruned(*options)
    assert str(refused.value).endswith(sentence)
    assert execute("SELECT count(*) FROM pgprocess_job") == [(6,)]


def test_it_exits_0_when_it_has_deleted_and_2_when_it_can_not_be_read(histories):
    assert ended("pgprocess_prune", "--older-than", "1d")[0] == 0
    code, said = ended("pgprocess_prune", "--older-than", "soon")
    assert (code, said.splitlines()[-1].partition("error: ")[2]) == (
        2,
        "argument --older-than: 'soon' is no age: write a number and s, m, h, d or w, as in 30d.",
    )
