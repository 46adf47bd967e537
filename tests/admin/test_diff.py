"""Two texts side by side: every line that changed, with its number, and nothing else that matters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pgprocess.admin.task.diff import GAP, NEW, OLD, SAME, compare

texts = st.lists(st.sampled_from(["a", "b", "", "  c", "<x>"]), max_size=30).map("\n".join)


def shown(before: str, after: str) -> list[str]:
    return [
        f"{line.sign} {line.before or ''}|{line.after or ''} {line.text}".rstrip() for line in compare(before, after)
    ]


def test_what_was_taken_away_and_what_was_added_is_told_with_its_lines() -> None:
    assert shown("a\nb\nc", "a\nx\nc\nd") == ["  1|1 a", "- 2| b", "+ |2 x", "  3|3 c", "+ |4 d"]


def test_what_did_not_change_far_away_is_left_out() -> None:
    before = [str(n) for n in range(1, 41)]
    after = [*before[:19], "new", *before[20:]]
    lines = compare("\n".join(before), "\n".join(after))
    assert [line.kind for line in lines] == [GAP, *[SAME] * 3, OLD, NEW, *[SAME] * 3, GAP]
    assert [line.before for line in lines if line.before] == [17, 18, 19, 20, 21, 22, 23]


def test_equal_texts_have_no_difference() -> None:
    assert compare("a\nb", "a\nb") == []


@given(texts, texts)
def test_the_new_text_can_be_told_from_the_old_one_and_the_difference(before: str, after: str) -> None:
    lines = compare(before, after, context=1000)
    one, two = before.splitlines(), after.splitlines()
    if one != two:
        assert [line.text for line in lines if line.kind in (SAME, OLD)] == one
        assert [line.text for line in lines if line.kind in (SAME, NEW)] == two
        assert [line.before for line in lines if line.before] == [*range(1, len(one) + 1)]
        assert [line.after for line in lines if line.after] == [*range(1, len(two) + 1)]
