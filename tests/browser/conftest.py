"""A real Chromium on a real server: pages under a strict policy, in light and dark, wide and on a phone.

Whatever a page says on the console, refuses or throws fails its test. Screenshots stand in ``screenshots/``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal

import pytest
from django.conf import settings as django_settings

from tests.browser.chromium import AXE, FLAGS, SCREENSHOTS, find_chromium, missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response, ViewportSize

HERE = os.path.dirname(__file__)
KNOWN = {"label-title-only": "#searchbar", "label-content-name-mismatch": ".pgp-node"}  # rules, and where
SIZES: dict[str, ViewportSize] = {"wide": {"width": 1440, "height": 1000}, "phone": {"width": 390, "height": 844}}
Scheme = Literal["light", "dark"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of this folder where there is no browser, and say so; the others are not touched."""
    reason = missing()
    for item in items:
        if str(item.path).startswith(HERE):
            item.add_marker(pytest.mark.django_db(transaction=True))
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Provide one browser for the tests of this folder.

    Playwright leaves a loop running in this thread: that is no reason for Django to refuse queries, and other tests
    begin loops of their own once it is gone.
    """
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def site(settings: Any, live_server: Any) -> str:
    """Return the address of the site, whose every response carries the policy."""
    settings.MIDDLEWARE = ["tests.browser.policy.strict", *settings.MIDDLEWARE]
    [engine] = settings.TEMPLATES
    options = engine["OPTIONS"]
    processors = [*options["context_processors"], "tests.browser.policy.nonce"]
    settings.TEMPLATES = [{**engine, "OPTIONS": {**options, "context_processors": processors}}]
    return str(live_server.url)


@pytest.fixture
def user(transactional_db: None) -> Callable[..., Any]:
    """Make a member of the staff who may do only what is said; ``"*"`` makes a superuser."""
    from django.contrib.auth.models import Permission, User

    def make(*permissions: str, name: str = "ana") -> User:
        if permissions == ("*",):
            return User.objects.create_superuser(name, password="x")
        person = User.objects.create_user(name, password="x", is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        return person

    return make


@pytest.fixture
def visit(chromium: Browser, site: str, user: Callable[..., Any]) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody: ``visit("/admin/", "view_job")``; without permissions as a superuser.

    ``scheme`` is light or dark, ``size`` wide or phone. What the page complains of fails the test at its end.
    """
    complaints: list[str] = []
    with ExitStack() as opened:

        def open_page(
            address: str, *permissions: str, scheme: Scheme = "light", size: str = "wide", **options: Any
        ) -> Page:
            browser_context = chromium.new_context(
                color_scheme=scheme, viewport=SIZES[size], base_url=site, reduced_motion="reduce", **options
            )
            opened.callback(browser_context.close)
            sign_in(browser_context, site, known(user, permissions))
            page = browser_context.new_page()
            listen(page, complaints)
            page.goto(address)
            return page

        yield open_page
    assert not complaints, "\n".join(complaints)


def known(user: Callable[..., Any], permissions: tuple[str, ...]) -> Any:
    """Return a person with these permissions, made when first asked for."""
    from django.contrib.auth.models import User

    name = re.sub(r"\W", "-", "-".join(sorted(permissions)))[:150] or "admin"
    return User.objects.filter(username=name).first() or user(*(permissions or ("*",)), name=name)


def sign_in(browser_context: BrowserContext, site: str, person: Any) -> None:
    """Sign this person in."""
    from django.test import Client

    client = Client()
    client.force_login(person)
    name = django_settings.SESSION_COOKIE_NAME
    browser_context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])


def listen(page: Page, complaints: list[str]) -> None:
    """Keep all complaints of the page, its policy and its server."""

    def on_console(message: Any) -> None:
        expected = message.location["url"].endswith("/favicon.ico") or "ERR_INTERNET_DISCONNECTED" in message.text
        if message.type in ("error", "warning") and not expected:
            complaints.append(f"{page.url}: {message.text}")

    def on_response(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"{response.url}: {response.status}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("response", on_response)


@pytest.fixture
def picture() -> Callable[..., None]:
    """Keep a picture of the whole page as ``screenshots/<name>.png``."""

    def take(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return take


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """Return what axe-core finds serious or critical in a page's content.

    Two things are known: Django names the search of its lists by a picture, and a box of a diagram says more to those
    who listen than fits into it, and not in the order in which it is drawn.
    """
    if not AXE.exists():
        pytest.skip("axe-core is not here: make axe")
    source = AXE.read_text(encoding="utf-8")
    check = """known => axe.run({include: ["#content"]}, {elementRef: true}).then(found => found.violations
        .filter(rule => ["serious", "critical"].includes(rule.impact))
        .map(rule => [rule, rule.nodes.filter(node => !node.element?.matches(known[rule.id] ?? "not-known"))])
        .filter(([, nodes]) => nodes.length)
        .map(([rule, nodes]) => `${rule.id}: ${rule.help} ${nodes.slice(0, 3).map(node => node.html).join(" ")}`))"""

    def serious(page: Page) -> list[str]:
        page.evaluate(source)
        found: list[str] = page.evaluate(check, KNOWN)
        return found

    return serious
