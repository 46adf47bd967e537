"""The pictures of docs/semantics.md show what the database does."""

from __future__ import annotations

import pytest

from docs.drawing.scenes import RULES, SCENES, Scene
from docs.pictures import FOLDER, pictures
from pgprocess.statuses import Status
from tests.builders.drawing import DrawnJob, Executes, on_django, read

DRAWN = pictures()
RUNS = {Status.RUNNING, Status.SUCCEEDED, Status.FAILED}


@pytest.fixture
def execute(db: None) -> Executes:
    """Execute a statement within the test's transaction."""
    return on_django()


def bring(run: DrawnJob, name: str, status: str, result: str | None = None) -> None:
    """Bring the task to this status, by way of ``running`` where that is needed."""
    by_way = ["running"] if status in RUNS else []
    run.set(name, *by_way, *([] if status == "running" else [status]), **({"result": result} if result else {}))


@pytest.mark.parametrize(("rule", "parents", "child"), [(rule, *case) for rule in RULES for case in RULES[rule]])
def test_a_child_becomes_what_the_picture_of_its_rule_shows(
    execute: Executes, rule: str, parents: tuple[str, str], child: str
) -> None:
    run = DrawnJob(execute, "a -> child, b -> child", {"child": {"trigger_rule": rule}})
    for name, status in zip("ab", parents, strict=True):
        bring(run, name, status)
    assert run.statuses == {"a": parents[0], "b": parents[1], "child": child}


def begun(execute: Executes, scene: Scene) -> DrawnJob:
    """Make a job as it is before the scene, with everything that the rules decide there decided."""
    names, _ = read(scene.drawing)
    columns = {
        name: {"trigger_rule": scene.rules.get(name, "all_succeeded"), "map_over": scene.maps.get(name, "")}
        for name in names
    }
    run = DrawnJob(execute, scene.drawing, columns)
    for name in names:
        if scene.before[name] in RUNS:
            bring(run, name, scene.before[name])
    assert run.statuses == scene.before
    return run


def statuses(execute: Executes, run: DrawnJob) -> dict[str, str]:
    """Return every job task's status, by the name that people see."""
    rows = execute(
        "SELECT task || coalesce('[' || map_index || ']', ''), status "
        "FROM pgprocess_jobtask_overview WHERE job_id = %s",
        [run.id],
    )
    return dict(rows)


@pytest.mark.parametrize("name", SCENES)
def test_what_happens_to_a_job_is_what_the_picture_shows(execute: Executes, name: str) -> None:
    scene = SCENES[name]
    run = begun(execute, scene)
    if not scene.task:
        execute("UPDATE pgprocess_job SET status = %s WHERE id = %s", [scene.becomes, run.id])
    else:
        run.set(scene.task, scene.becomes, **({"result": scene.result} if scene.result else {}))
    assert statuses(execute, run) == scene.after


@pytest.mark.parametrize("name", DRAWN)
def test_the_pictures_are_those_that_the_script_draws(name: str) -> None:
    kept = (FOLDER / name).read_text(encoding="utf-8")
    assert kept == DRAWN[name], "draw them again: python -m docs.pictures"


def test_there_is_no_picture_that_the_script_does_not_draw() -> None:
    measured = {"benchmarks.svg"}  # drawn by make bench
    assert {file.name for file in FOLDER.glob("*.svg")} - measured == set(DRAWN)
