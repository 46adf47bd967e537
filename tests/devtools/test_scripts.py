"""The scripts in .ci: what is not fit for a release is refused, and what can't be had says why."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.devtools.processes import REPOSITORY

SCRIPTS = REPOSITORY / ".ci"
BUILT = 42  # the exit code of the interpreter that stands for one with the package build

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A committed repository that is fit for the release 1.2.3."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    files = {
        ".ci/release": (SCRIPTS / "release").read_text(),
        "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n## 1.2.3 (2026-12-01)\n\n- New.\n",
        "pgprocess/__init__.py": '"""The pitch."""\n\n__version__ = "1.2.3"\n',
        "python": f"#!/bin/sh\nexit {BUILT}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "python").chmod(0o755)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(tree: Path, *words: str) -> None:
    names = {f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *words], cwd=tree, env=os.environ | names | plain, check=True)


def commit(tree: Path) -> None:
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--allow-empty", "--message", "Change")


def release(tree: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHON": str(tree / "python")}
    return subprocess.run(["bash", ".ci/release"], cwd=tree, env=environment, capture_output=True, text=True)


def test_a_committed_tree_whose_version_has_its_section_is_built(tree: Path) -> None:
    assert release(tree).returncode == BUILT
    git(tree, "tag", "v1.2.3")
    assert release(tree).returncode == BUILT


def test_a_version_without_a_section_is_not_released(tree: Path) -> None:
    (tree / "pgprocess" / "__init__.py").write_text('__version__ = "1.2"\n')
    commit(tree)
    done = release(tree)
    assert (done.returncode, done.stderr) == (1, "No release: CHANGELOG.md has no section 1.2.\n")


def test_changes_that_are_not_committed_are_not_released(tree: Path) -> None:
    (tree / "new.py").touch()
    done = release(tree)
    assert (done.returncode, done.stderr) == (1, "No release: there are changes that are not committed.\n")


def test_a_commit_with_the_tag_of_another_version_is_not_released(tree: Path) -> None:
    git(tree, "tag", "v1.2.2")
    done = release(tree)
    assert done.returncode == 1
    assert done.stderr == "No release: this commit has the tag v1.2.2, but the version is 1.2.3.\n"


def test_a_version_that_another_commit_has_is_not_released(tree: Path) -> None:
    git(tree, "tag", "--annotate", "v1.2.3", "--message", "1.2.3")
    commit(tree)
    done = release(tree)
    assert (done.returncode, done.stderr) == (1, "No release: the tag v1.2.3 is on another commit.\n")


def test_a_postgres_that_can_t_be_had_says_why(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to(shutil.which("dirname") or "")
    done = subprocess.run(
        [shutil.which("bash") or "", str(SCRIPTS / "postgres"), "1"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "No Postgres 1: it is not installed, and neither is npm, which could fetch it.\n"
