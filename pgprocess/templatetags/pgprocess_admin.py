"""``{% load pgprocess_admin %}``: the tags of our admin pages; none in a project without Django's admin.

Django imports every library of tags for every template engine, so that this one must not need the admin.
"""

from __future__ import annotations

from django import template
from django.apps import apps

if apps.is_installed("django.contrib.admin"):
    from pgprocess.admin.tags import register
else:
    register = template.Library()
