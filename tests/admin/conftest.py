"""People with exactly the permissions that a test names, and forms filled in as a browser does."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse


@pytest.fixture
def somebody(client: Client) -> Callable[..., Client]:
    """Sign in as a member of the staff who may do only what is said; ``client`` is theirs from then on."""

    def make(*permissions: str) -> Client:
        user, _ = User.objects.get_or_create(username="ana", defaults={"is_staff": True})
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(User.objects.get(pk=user.pk))
        return client

    return make


class _Fields(HTMLParser):
    """The fields that a browser would send of a page's forms, were nothing changed."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("checkbox", "radio"):
                self.values[name] = [given.get("value") or ""]
            elif "checked" in given:
                self.values.setdefault(name, []).append(given.get("value") or "on")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.values.setdefault(self.select, []).append(given.get("value") or "")
        elif tag == "textarea":
            self.area = name
            self.values[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.values[self.area] = [self.values[self.area][0].removeprefix("\n")]
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area][0] += data


def fields_of(page: str) -> dict[str, list[str]]:
    """Return the fields of a page with their values, as lists."""
    parser = _Fields()
    parser.feed(page)
    return {name: values for name, values in parser.values.items() if not name.startswith("_")}


def address(name: str, *args: Any) -> str:
    """Return an admin page of ours: ``address("process_run", 1)``."""
    return reverse(f"admin:pgprocess_{name}", args=args)


def submit(client: Client, url: str, **changes: Any) -> Any:
    """Send the page's form back with these changes."""
    data: dict[str, Any] = fields_of(client.get(url).content.decode())
    return client.post(url, data | changes)


def errors_of(response: Any) -> str:
    """Return all that the forms of a refused page say, as one text."""
    assert response.status_code == 200
    form = response.context["adminform"].form
    said = [*form.errors.values()]
    for inline in response.context["inline_admin_formsets"]:
        said += [inline.formset.non_form_errors(), *(list(errors.values()) for errors in inline.formset.errors)]
    return str(said)
