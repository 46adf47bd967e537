"""The statements of a SQL script, and which of them would end the transaction that they run in. Pure.

A script is cut as Postgres itself reads it, and as psql cuts it: semicolons within strings, quoted names, comments,
dollar quotes, parentheses and the bodies of SQL functions (``BEGIN ATOMIC … END``) end nothing. Each statement is then
sent alone, so a cut at the wrong place is an error of the server and can hide no other statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

BOM = "\ufeff"

_WORD = r"[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*"
_PLAIN = r"'(?:[^']++|'')*+(?:'|\Z)"
_INNER = r"(?:[^'\\]++|\\.|'')*+"
_ESCAPED = rf"'{_INNER}(?:'(?:[ \t\r\f\v]*\n[ \t\r\n\f\v]*'{_INNER}')*|\Z)"


def _tokens(quoted: str) -> re.Pattern[str]:
    return re.compile(
        rf"""
        (?P<blank> [ \t\n\r\f\v]+ | --[^\n\r]*)
        | (?P<comment> /\*)
        | (?P<string> [eE]{_ESCAPED} | {quoted})
        | (?P<name> "(?:[^"]++|"")*+(?:"|\Z))
        | (?P<dollars> \$(?:[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*)?\$)
        | (?P<word> {_WORD})
        | (?P<number> [0-9][0-9A-Za-z_.]*)
        | (?P<end> ;)
        | (?P<other> .)
        """,
        re.VERBOSE | re.DOTALL,
    )


_STANDARD, _BACKSLASHES = _tokens(_PLAIN), _tokens(_ESCAPED)
_COMMENT = re.compile(r"/\*|\*/")
_MAKERS = {
    ("create", "function"),
    ("create", "procedure"),
    ("create", "or", "replace", "function"),
    ("create", "or", "replace", "procedure"),
}


@dataclass(slots=True)
class Statement:
    """One statement with the comments before it; ``line`` is where its text begins, ``words_line`` where its words do.

    ``words`` are its first words, four at most, in lower case; they end before whatever is no word.
    """

    text: str
    line: int
    words_line: int
    words: tuple[str, ...]

    @property
    def ends_transaction(self) -> bool:
        """Whether the statement begins or ends a transaction. Savepoints do not."""
        match self.words:
            case ("begin" | "start" | "commit" | "end" | "abort", *_):
                return True
            case ("rollback", "to", *_) | ("rollback", "work" | "transaction", "to", *_):
                return False
            case ("rollback", *_) | ("prepare", "transaction"):
                return True
        return False


@dataclass(slots=True)
class _Reader:
    """The statement that is being read, as far as the lexer knows it."""

    begin: int = -1
    leading: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    only_words: bool = True
    parentheses: int = 0
    bodies: int = 0

    def take(self, kind: str, text: str, at: int) -> None:
        """Note a token that is no comment; ``at`` is its place."""
        if self.begin < 0:
            self.begin = at
        if kind != "word":
            self.only_words = False
            self.parentheses = max(0, self.parentheses + (text == "(") - (text == ")"))
            return
        word = text.lower()
        if len(self.words) < 4:
            self.words.append(word)
            if self.only_words:
                self.leading.append(word)
        if word in ("begin", "case", "end") and not self.parentheses and self.makes_function():
            self.bodies = max(
                0, self.bodies + (word == "begin" or (word == "case" and self.bodies > 0)) - (word == "end")
            )

    def makes_function(self) -> bool:
        """Return whether the statement creates a function or procedure, whose body may hold semicolons."""
        return tuple(self.words[:2]) in _MAKERS or tuple(self.words) in _MAKERS


def split(code: str, *, backslashes: bool = False) -> list[Statement]:
    """Return the statements of the script, without those that are empty.

    ``backslashes``: they escape within plain strings, as with ``standard_conforming_strings = off``.
    """
    statements: list[Statement] = []
    reader, begins = _Reader(), 1 if code.startswith(BOM) else 0
    lines = _Lines(code)
    for kind, begin, end in _read(code, _BACKSLASHES if backslashes else _STANDARD):
        at_end = begin == len(code) or (kind == "end" and not reader.parentheses and not reader.bodies)
        if not at_end:
            reader.take(kind, code[begin:end], begin)
            continue
        if reader.begin >= 0:
            text = code[begins:begin]
            above = lines.number(begins + len(text) - len(text.lstrip()))
            statements.append(Statement(text.strip(), above, lines.number(reader.begin), tuple(reader.leading)))
        reader, begins = _Reader(), end
    return statements


class _Lines:
    """The numbers of lines, asked for from the first to the last, so that each is counted once."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._line, self._counted = 1, 0

    def number(self, at: int) -> int:
        self._line += self._code.count("\n", self._counted, at)
        self._counted = at
        return self._line


def _read(code: str, tokens: re.Pattern[str]) -> Iterator[tuple[str, int, int]]:
    """Yield kind, begin and end of each token that is not blank, and ``end`` behind the last one."""
    at = 1 if code.startswith(BOM) else 0
    while at < len(code):
        token = tokens.match(code, at)
        assert token
        kind, begin, at = str(token.lastgroup), at, token.end()
        if kind == "comment":
            at = _end_of_comment(code, at)
        elif kind == "dollars":
            found = code.find(token[0], at)
            at = len(code) if found < 0 else found + len(token[0])
        if kind not in ("blank", "comment"):
            yield kind, begin, at
    yield "end", len(code), len(code)


def _end_of_comment(code: str, at: int) -> int:
    """Return where the comment ends whose first two characters end at ``at``: comments may be nested."""
    depth = 1
    while depth:
        edge = _COMMENT.search(code, at)
        if not edge:
            return len(code)
        depth += 1 if edge[0] == "/*" else -1
        at = edge.end()
    return at
