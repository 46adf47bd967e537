"""The example site: its reports, and Django's admin, where pgprocess shows jobs and tasks."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="rates:reports")),
    path("reports/", include("rates.urls")),
    path("admin/", admin.site.urls),
]
