"""Code on a page: to read and to write, with line numbers that need no script; and files that bring it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pgprocess.choices import Kind

KINDS = {".py": Kind.PYTHON, ".sh": Kind.SHELL, ".pl": Kind.PERL}
LARGEST = 1_000_000  # bytes of an uploaded script
FEWEST = 12  # lines that a field shows
SPARE = 400  # numbers beyond the last line, for people who write more without a script to count


def numbered(code: str) -> SafeString:
    """Return code to read, its lines numbered by the stylesheet, so that a copy of it has no numbers."""
    lines = format_html_join("\n", '<span class="pgp-line">{}</span>', ((line,) for line in unix(code).split("\n")))
    return format_html('<pre class="pgp pgp-listing" tabindex="0">{}</pre>', lines)


def unix(text: str) -> str:
    """Return the text with the line ends of files, rather than those of forms."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class CodeWidget(forms.Textarea):
    """A field that grows with its text, beside a column of numbers."""

    template_name = "admin/pgprocess/widgets/code.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the context of a text field, with line numbers and the attributes that code needs."""
        lines = str(value or "").count("\n") + 1
        wanted = {"rows": max(lines + 1, FEWEST), "wrap": "off", "spellcheck": "false", "autocapitalize": "off"}
        given = {**wanted, "autocomplete": "off", "class": "pgp-source", **(attrs or {})}
        context = super().get_context(name, value, given)
        context["numbers"] = "\n".join(map(str, range(1, lines + SPARE)))
        return context


class CodeField(forms.CharField):
    """Code exactly as it was written, but for the line ends."""

    widget = CodeWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        """Return the code with the line ends of files."""
        return unix(super().to_python(value) or "")


def read_script(file: UploadedFile[Any]) -> tuple[str, Kind]:
    """Return the code of an uploaded file, and its kind by the ending of its name.

    Raises ValidationError for any other ending, for what is too large, and for what is no text.
    """
    name = str(file.name)
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if ending not in KINDS:
        raise ValidationError(_("The name of a script ends in .py, .sh or .pl, unlike %s.") % name)
    if (file.size or 0) > LARGEST:
        raise ValidationError(
            _("A script has at most %(most)d bytes, %(name)s more.") % {"most": LARGEST, "name": name}
        )
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(_("%s is no text in UTF-8.") % name) from None
    if "\x00" in text:
        raise ValidationError(_("%s holds a NUL byte, which no script has.") % name)
    return unix(text), KINDS[ending]
