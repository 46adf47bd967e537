"""Kind file: scripts below the folders of SCRIPT_DIRS, and nothing else on the machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pgprocess.attempt import Outcome
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import GRACE, Recorder, forkserver, running_scripts

Running = Callable[..., tuple[Outcome, Recorder]]


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Two script folders; beside them lies what is nobody's business."""
    (tmp_path / "secret.sh").write_text("echo secret")
    folders = [tmp_path / "scripts", tmp_path / "more"]
    for folder in folders:
        folder.mkdir()
        (folder / "load.sh").write_text(f"echo {folder.name} $0 $1 $PGPROCESS_TASK")
    (folders[1] / "nightly").mkdir()
    (folders[1] / "nightly" / "only_here.sh").write_text("echo only here")
    return folders


@pytest.fixture
def run(folders: list[Path]) -> Iterator[Running]:
    executor = Executor(grace=GRACE, forkserver=forkserver(), script_dirs=[str(folder) for folder in folders])
    run = running_scripts(executor)
    yield lambda target, **fields: run("", kind="file", target=target, **fields)
    executor.close()


def test_the_first_folder_that_has_the_file_gives_it(run: Running, folders: list[Path]) -> None:
    assert run("load.sh", arguments="'a b'")[1].text() == f"scripts {folders[0]}/load.sh a b load\n"
    assert run("nightly/only_here.sh")[1].text() == "only here\n"
    assert run(f" {folders[1]}/load.sh\n")[1].text().startswith("more ")


@pytest.mark.parametrize("interpreter", ["", f"'{sys.executable}' -B"])
def test_a_python_file_may_end_itself_and_import_its_neighbours(
    run: Running, folders: list[Path], interpreter: str
) -> None:
    (folders[0] / "load.py").write_text("from neighbour import why\nfrom pgprocess import Skip\nraise Skip(why)")
    (folders[0] / "neighbour.py").write_text("why = 'nothing new'")
    outcome, output = run("load.py", interpreter=interpreter)
    assert (outcome.status, outcome.reason) == (Status.SKIPPED, "nothing new"), output.stderr


def test_a_file_leaves_its_result_and_its_exit_code(run: Running, folders: list[Path]) -> None:
    (folders[0] / "ok.sh").write_text('echo 5 > "$PGPROCESS_RESULT"')
    (folders[0] / "skip.sh").write_text("exit 99")
    assert run("ok.sh")[0].result == "5"
    assert run("skip.sh")[0].status == Status.SKIPPED


def test_the_interpreter_is_the_tasks_or_the_first_lines_or_the_files_own(run: Running, folders: list[Path]) -> None:
    script = folders[0] / "what"
    script.write_text("#!/bin/cat\n")
    assert run("what")[1].text() == "#!/bin/cat\n"
    assert run("what", interpreter="wc -l")[1].text().split()[0] == "1"
    (folders[0] / "program").symlink_to(folders[0] / "copy")
    (folders[0] / "copy").write_bytes(Path("/bin/echo").read_bytes())
    (folders[0] / "copy").chmod(0o755)
    assert run("program", arguments="'itself'")[1].text() == "itself\n"


def test_a_file_that_can_not_be_executed_says_so(run: Running, folders: list[Path]) -> None:
    (folders[0] / "data.csv").write_text("a,b")
    assert run("data.csv")[0].error == (
        f"'{folders[0]}/data.csv' can't be started (Permission denied): correct the task's interpreter."
    )


@pytest.mark.parametrize(
    "target",
    [
        "../secret.sh",
        "nightly/../../secret.sh",
        "link.sh",
        "linked/secret.sh",
        "/bin/sh",
        "{}/secret.sh",
        "/proc/self/exe",
        "..",
        "../scripts2/load.sh",
    ],
)
def test_no_path_leads_out_of_the_folders(run: Running, folders: list[Path], target: str) -> None:
    outside = folders[0].parent
    (folders[0] / "link.sh").symlink_to(outside / "secret.sh")
    (folders[0] / "linked").symlink_to(outside)
    (outside / "scripts2").mkdir()
    (outside / "scripts2" / "load.sh").write_text("echo a folder whose name begins alike")
    target = target.format(outside)
    outcome, output = run(target)
    assert outcome.error == f"The file of task 'load' lies outside of PGPROCESS[\"SCRIPT_DIRS\"]: {target!r}."
    assert (outcome.status, output.written) == (Status.SCHEDULED, [])


@pytest.mark.parametrize("target", ["", " \n", "load.sh\x00.txt"])
def test_a_task_that_names_no_file_says_so(run: Running, target: str) -> None:
    assert run(target)[0].error == "Task 'load' names no file: put its path below a script folder into target."


@pytest.mark.parametrize("target", ["no_such.sh", "nightly", ".", "x" * 5000, "load.sh/deeper", "loop"])
def test_a_file_that_is_not_there_says_where_it_was_looked_for(run: Running, folders: list[Path], target: str) -> None:
    (folders[0] / "loop").symlink_to(folders[0] / "loop")
    error = run(target)[0].error
    assert error == f"The file of task 'load' is not there: {target!r} in {folders[0]}, {folders[1]}."


def test_a_folder_may_itself_be_a_link(folders: list[Path]) -> None:
    current = folders[0].parent / "current"
    current.symlink_to(folders[0])
    executor = Executor(forkserver=forkserver(), script_dirs=[str(current)])
    outcome, _ = running_scripts(executor)("", kind="file", target="load.sh")
    executor.close()
    assert outcome.status == Status.SUCCEEDED


@pytest.mark.parametrize("script_dirs", [(), []])
def test_without_folders_no_file_is_run(script_dirs: Any) -> None:
    executor = Executor(forkserver=forkserver(), script_dirs=script_dirs)
    outcome, _ = running_scripts(executor)("", kind="file", target=os.path.abspath(__file__))
    executor.close()
    assert outcome.error == "Task 'load' is a file, and PGPROCESS[\"SCRIPT_DIRS\"] names no folder: name one."


def test_one_folder_given_as_text_is_one_folder_and_not_the_roots_of_its_letters(folders: list[Path]) -> None:
    executor = Executor(forkserver=forkserver(), script_dirs=str(folders[0]))
    run = running_scripts(executor)
    assert run("", kind="file", target="/bin/sh")[0].error.startswith("The file of task 'load' lies outside of ")
    assert run("", kind="file", target="load.sh")[0].status == Status.SUCCEEDED
    executor.close()
