"""Where the reports are read."""

from __future__ import annotations

from django.urls import path

from rates import views

app_name = "rates"

urlpatterns = [
    path("", views.reports, name="reports"),
    path("latest/", views.latest, name="latest"),
    path("<str:name>", views.page, name="page"),
]
