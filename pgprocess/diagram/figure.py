"""A diagram as it stands on a page: in a frame that scrolls, with the same facts as a table below it.

The markup is built in Python, so that a template tag, a filter and an answer in JSON can return it without a template
of their own. A template would be a little faster: 1,000 rows of the table take 15 ms here, 11 ms in one."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pgprocess.diagram.boxes import leads_somewhere
from pgprocess.diagram.labels import clean
from pgprocess.diagram.nodes import Graph, Node
from pgprocess.diagram.render import svg
from pgprocess.display.status import word


def figure(
    graph: Graph, *, width: int | str | None = None, links: bool = True, table: bool = True, movable: bool = False
) -> SafeString:
    """Draw ``graph`` in its frame; ``width``, ``links``, ``movable`` as in :func:`~pgprocess.diagram.render.svg`.

    Without ``table`` the table is left out, for pages that have one of their own.
    """
    if not graph.nodes:
        return format_html('<figure class="pgp-figure"><p>{}</p></figure>', _("There are no tasks yet."))
    return format_html(
        '<figure class="pgp-figure">'
        '<div class="pgp-frame" role="region" tabindex="0" aria-label="{}">{}</div>'
        '<label class="pgp-zoom" hidden="hidden"><input type="checkbox"/> {}</label>{}</figure>',
        clean(graph.title),
        svg(graph, width=width, links=links, movable=movable),
        _("Actual size"),
        twin(graph, links=links) if table else "",
    )


def twin(graph: Graph, *, links: bool) -> SafeString:
    """Return the diagram as a table for people who would rather read: a row a node, with what it waits for."""
    names = {node.id: node.name for node in graph.nodes}
    parents: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    for parent, child in graph.edges:
        parents[child].append(names[parent])
    return format_html(
        '<details class="pgp-table"><summary>{}</summary><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></details>",
        _("As a table"),
        format_html_join("", '<th scope="col">{}</th>', ((head,) for head in twin_heads())),
        format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>',
            ((linked_name(node, links), *twin_facts(node, parents[node.id])) for node in graph.nodes),
        ),
    )


def twin_heads() -> tuple[str, ...]:
    """Return the heads of the columns."""
    return _("Task"), _("Status"), _("Waits for"), _("Note")


def twin_facts(node: Node, parents: list[str]) -> tuple[str, ...]:
    """Return what the table says of a node beside its name."""
    return clean(word(node.status)), clean(", ".join(parents)), clean(node.note)


def linked_name(node: Node, links: bool) -> SafeString | str:
    """Return the full name of a node, which leads where its box leads."""
    if links and leads_somewhere(node):
        return format_html('<a href="{}">{}</a>', clean(node.url), clean(node.name))
    return clean(node.name)
