"""Random jobs under random statements: after each, the database shows what the model does.

``SEMANTICS_EXAMPLES=5000`` looks longer, at other examples every time.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.semantics.machine import Machine, MappingMachine

EXAMPLES = int(os.environ.get("SEMANTICS_EXAMPLES", 0))
PROFILE = settings(
    max_examples=EXAMPLES or 150,
    derandomize=not EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.mark.slow
@pytest.mark.timeout(0 if EXAMPLES else 600)
@pytest.mark.parametrize("machine", [Machine, MappingMachine])
def test_the_database_does_what_the_model_says(start, machine):
    factory: Any = partial(machine, start)  # hypothesis takes any callable, though it says type
    run_state_machine_as_test(factory, settings=PROFILE)
