"""Runs a Python script as Python itself would, but for Skip, Retry and Fail: they are endings, not errors.

    python bootstrap.py ENDING SCRIPT [ARGUMENT …]

ENDING is where to write the ending that the script raised, if any. Started by its path, so that any Python 3
can run it; of pgprocess it needs only what the script itself has imported.
"""

from __future__ import annotations

import builtins
import os
import sys

EXIT_CODES = {"Skip": 99, "Retry": 75, "Fail": 1}


def main() -> None:
    """The script that the command line names has run."""
    ending, *sys.argv = sys.argv[1:]
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    run(sys.argv[0], ending)


def run(script: str, ending: str) -> None:
    """The script has run as ``__main__``; its own frames are all that a traceback shows.

    It can import its neighbours, unless it was only written for this run, beside ``ending``.
    """
    if (folder := os.path.dirname(os.path.abspath(script))) != os.path.dirname(ending):
        sys.path.insert(0, folder)
    module = type(sys)("__main__")
    module.__dict__.update({"__file__": script, "__builtins__": builtins})
    sys.modules["__main__"] = module
    try:
        with open(script, "rb") as file:
            code = compile(file.read(), script, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102  this is what the task is for
    except SystemExit:
        raise
    except BaseException as error:
        sys.exit(exit_code_of(error, ending))


def exit_code_of(error: BaseException, ending: str) -> int:
    """The exit code for what the script raised, which has been written to ``ending`` or to stderr."""
    exceptions = sys.modules.get("pgprocess.exceptions")
    if exceptions and isinstance(error, exceptions.Ending):
        import json

        names = [name for name in EXIT_CODES if isinstance(error, getattr(exceptions, name))]
        name = names[0] if names else "Fail"
        said = {"ending": name, "reason": str(error.reason), "after": getattr(error, "after", None)}
        with open(ending, "w") as file:
            json.dump(said, file)
        return EXIT_CODES[name]
    error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
    sys.excepthook(type(error), error, error.__traceback__)
    return 1


if __name__ == "__main__":
    main()
