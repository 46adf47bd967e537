"""``@task`` registers a function under a name, so that a row in the database can say what to run."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Generic, ParamSpec, TypeVar, overload

from django.utils.module_loading import autodiscover_modules

from pgprocess.exceptions import ConfigurationError, TaskNotFound
from pgprocess.text import nearest

P = ParamSpec("P")
R = TypeVar("R")

_functions: dict[str, TaskFunction[..., Any]] = {}


class TaskFunction(Generic[P, R]):
    """A function that tasks can name; calling this object calls the function.

    ``name`` is what ``Task.target`` holds. ``takes_context``: the function has a parameter ``context``, to be given the
    run. ``transactional``: the writes of the function and its completion are committed together.
    """

    __name__: str

    def __init__(self, function: Callable[P, R], *, name: str = "", transactional: bool = False) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = name or f"{function.__module__}.{function.__qualname__}"
        self.transactional = transactional
        self.is_async = inspect.iscoroutinefunction(function)
        self.takes_context = "context" in inspect.signature(function).parameters
        if transactional and self.is_async:
            raise ConfigurationError(f"{self.name} is async and can't be transactional: Django's transactions are not.")

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<task {self.name}>"

    @property
    def origin(self) -> str:
        """The dotted path of the function."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


@overload
def task(function: Callable[P, R], /) -> TaskFunction[P, R]: ...
@overload
def task(name: str = "", /, *, transactional: bool = False) -> Callable[[Callable[P, R]], TaskFunction[P, R]]: ...
@overload
def task(*, name: str = "", transactional: bool = False) -> Callable[[Callable[P, R]], TaskFunction[P, R]]: ...
def task(given: Any = "", /, *, name: str = "", transactional: bool = False) -> Any:
    """Register a function, sync or async, under its dotted path or the ``name`` given.

    Raises :class:`ConfigurationError` if another function has that name.
    """
    if callable(given):
        return _register(TaskFunction(given, name=name, transactional=transactional))
    return lambda function: _register(TaskFunction(function, name=given or name, transactional=transactional))


def _register(function: TaskFunction[P, R]) -> TaskFunction[P, R]:
    """Make the function known by its name; a module that is loaded again replaces its own functions."""
    other = _functions.get(function.name)
    if other and other.origin != function.origin:
        raise ConfigurationError(
            f"Two tasks are named {function.name!r}, {other.origin} and {function.origin}: rename one."
        )
    _functions[function.name] = function
    return function


def known(name: str) -> TaskFunction[..., Any] | None:
    """Return the function of that name if its module was imported by now, else None. Imports nothing."""
    return _functions.get(name)


def get(name: str) -> TaskFunction[..., Any]:
    """Return the function of that name; import the module of a dotted path if need be.

    Raises :class:`TaskNotFound`, and whatever importing the module raises.
    """
    if name not in _functions:
        _import_module_of(name)
    try:
        return _functions[name]
    except KeyError:
        raise TaskNotFound(_not_found(name), name=name) from None


def autodiscover() -> None:
    """Import the module ``tasks`` of every installed app, which registers the tasks in it."""
    autodiscover_modules("tasks")


@contextmanager
def isolated() -> Iterator[None]:
    """Know only the tasks that the ``with`` block registers; afterwards know the earlier ones again. For tests."""
    earlier = _functions.copy()
    _functions.clear()
    try:
        yield
    finally:
        _functions.clear()
        _functions.update(earlier)


def _import_module_of(name: str) -> None:
    """Import the longest part of the dotted path that is a module; do nothing without one."""
    module = name if all(part.isidentifier() for part in name.split(".")) else ""
    while module := module.rpartition(".")[0]:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            if not error.name or not f"{module}.".startswith(f"{error.name}."):
                raise  # the module is there; something that it imports is not
        else:
            return


def _not_found(name: str) -> str:
    if near := nearest(name, _functions):
        return f"No task is named {name!r}: did you mean {near!r}?"
    return f"No task is named {name!r}: put @task above the function, or correct the name."
