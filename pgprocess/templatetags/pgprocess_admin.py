"""What the templates of our admin pages need, on every Django and under every theme."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import Media
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pgprocess.diagram.badge import badge

register = template.Library()


@register.simple_tag(takes_context=True)
def nonced(context: Any, media: Media) -> SafeString:
    """The links and scripts of ``media``, with the nonce of a content security policy if there is one."""
    markup = str(media)
    nonce = nonce_of(context)
    if nonce is not None:
        given = format_html(' nonce="{}" ', nonce)
        markup = markup.replace("<link ", "<link" + given).replace("<script ", "<script" + given)
    return mark_safe(markup)  # noqa: S308 — Django's own markup, and the nonce is escaped


def nonce_of(context: Any) -> Any:
    """The nonce of this response, by Django's context processor or by django-csp; None if there is none."""
    if (nonce := context.get("csp_nonce")) is not None:
        return nonce
    return getattr(context.get("request"), "csp_nonce", None)


@register.simple_tag
def status(word: str, label: str = "") -> SafeString:
    """A status as a badge."""
    return badge(word, label)
