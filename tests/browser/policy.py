"""The content security policy under which every page is tested: self, plus a nonce, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = "default-src 'self' 'nonce-{nonce}'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"


def strict(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware: every response carries the policy with the nonce of its request."""

    def respond(request: HttpRequest) -> HttpResponse:
        request.csp_nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY.format(nonce=request.csp_nonce)  # type: ignore[attr-defined]
        return response

    return respond


def nonce(request: HttpRequest) -> dict[str, str]:
    """Return the nonce for templates, under the name that Django gives it."""
    return {"csp_nonce": request.csp_nonce} if hasattr(request, "csp_nonce") else {}
