"""Every text has its Spanish: complete, certain, compiled."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

import pgprocess

LOCALES = Path(pgprocess.__file__).parent / "locale"
CATALOGS = sorted(LOCALES.glob("*/LC_MESSAGES/django.po"))


def entries(catalog: Path) -> dict[str, list[str]]:
    """Yield every text without a context, and its translations; lines of longer texts are joined."""
    text = re.sub(r'"\n"', "", catalog.read_text(encoding="utf-8"))
    found = {}
    for block in text.split("\n\n")[1:]:
        if "msgctxt" in block:
            continue
        [message] = re.findall(r'^msgid "(.*)"$', block, re.MULTILINE)
        found[message] = re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', block, re.MULTILINE)
    return found


@pytest.mark.parametrize("catalog", CATALOGS, ids=lambda path: path.parts[-3])
def test_a_catalog_leaves_nothing_out_and_guesses_nothing(catalog: Path) -> None:
    text = catalog.read_text(encoding="utf-8")
    assert "fuzzy" not in text
    assert "#~" not in text
    assert [message for message, translations in entries(catalog).items() if not all(translations)] == []


@pytest.mark.parametrize("catalog", CATALOGS, ids=lambda path: path.parts[-3])
def test_a_compiled_catalog_says_what_its_source_says(catalog: Path) -> None:
    with catalog.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    plain = {key: texts[0] for key, texts in entries(catalog).items() if len(texts) == 1 and "\\" not in key}
    assert {key: compiled.gettext(key) for key in plain} == plain, "make messages"


def test_there_is_spanish() -> None:
    assert [path.parts[-3] for path in CATALOGS] == ["es"]


def test_a_reader_of_spanish_reads_spanish(admin_client: Client) -> None:
    with translation.override("en"):  # what the request activates does not stay
        page = admin_client.get(reverse("admin:app_list", args=["pgprocess"]), headers={"accept-language": "es"})
    assert "Fallidos, y nadie los ha visto" in page.content.decode()
