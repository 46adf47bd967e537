"""What a rule says, for every way in which up to four parents can stand."""

from __future__ import annotations

from itertools import product

import pytest

from tests.builders.drawing import on_django
from tests.semantics.rules import RULES, Parents, decide

STANDS = [
    Parents(total, left, failed, skipped)
    for total in range(5)
    for left, failed, skipped in product(range(total + 1), repeat=3)
    if left + failed + skipped <= total
]


@pytest.mark.parametrize("rule", RULES)
def test_the_database_decides_as_the_model_does(db, rule):
    counts = [[stand.total for stand in STANDS], [stand.left for stand in STANDS]]
    counts += [[stand.failed for stand in STANDS], [stand.skipped for stand in STANDS]]
    rows = on_django()(
        "SELECT stand.*, coalesce(pgprocess_trigger_rule_decision(%s, total, unsettled, failed, skipped), 'awaiting') "
        "FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS stand (total, unsettled, failed, skipped)",
        [rule, *counts],
    )
    decided = {Parents(*stand): decision for *stand, decision in rows}
    assert decided == {stand: decide(rule, stand) for stand in STANDS}


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_leaves_a_task_waiting_whose_parents_are_all_settled(rule):
    assert not [stand for stand in STANDS if not stand.left and decide(rule, stand) == "awaiting"]
