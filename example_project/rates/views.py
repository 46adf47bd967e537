"""The reports on the site: a list, the latest, and the files of the reports folder as they are."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from rates import shelf

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
"""The pages need nothing but their stylesheet."""


def reports(request: HttpRequest) -> HttpResponse:
    """Every report, latest first."""
    return render(request, "rates/reports.html", {"names": shelf.names()})


def latest(request: HttpRequest) -> HttpResponse:
    """The latest report, or the empty list."""
    names = shelf.names()
    return redirect("rates:page", names[0]) if names else redirect("rates:reports")


def page(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file of the folder: a report or the stylesheet, nothing else."""
    if name not in {*shelf.names(), shelf.STYLESHEET}:
        raise Http404(f"There is no report {name}.")
    return FileResponse(shelf.path(name).open("rb"), headers={"Content-Security-Policy": POLICY})
