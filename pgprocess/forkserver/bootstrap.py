"""Run a Python script as Python itself would, except that Skip, Retry and Fail are endings and not errors.

    python bootstrap.py ENDING SCRIPT [ARGUMENT …]

ENDING is the file to write the ending to that the script raised, if it raised one. This file is started by its path,
so that any Python 3 can run it; it uses nothing of pgprocess but what the script itself has imported.
"""

from __future__ import annotations

import builtins
import os
import sys

EXIT_CODES = {"Skip": 99, "Retry": 75, "Fail": 1}


def main() -> None:
    """Run the script that the command line names."""
    ending, *sys.argv = sys.argv[1:]
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    run(sys.argv[0], ending)


def run(script: str, ending: str) -> None:
    """Run the script as ``__main__``; a traceback shows the script's own frames only.

    The script can import its neighbours, unless it was written for this run only, beside ``ending``.
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
    except BaseException as error:  # noqa: BLE001  a task may end in any way; this is its outermost frame
        sys.exit(exit_code_of(error, ending))


def exit_code_of(error: BaseException, ending: str) -> int:
    """Write what the script raised to ``ending``, or to stderr if it is an error; return the exit code for it."""
    exceptions = sys.modules.get("pgprocess.exceptions")
    if exceptions and isinstance(error, exceptions.Ending):
        import json

        names = [name for name in EXIT_CODES if isinstance(error, getattr(exceptions, name))]
        name = names[0] if names else "Fail"
        document = {"ending": name, "reason": str(error.reason), "after": getattr(error, "after", None)}
        with open(f"{ending}.part", "w") as file:
            file.write(json.dumps(document, default=str))
        os.replace(file.name, ending)  # whole, or not there
        return EXIT_CODES[name]
    error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
    sys.excepthook(type(error), error, error.__traceback__)
    return 1


if __name__ == "__main__":
    main()
