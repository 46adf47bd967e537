"""The diagram of a process or a job as a file to keep."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from pgprocess.admin.base import Pages
from pgprocess.diagram import graph_of
from pgprocess.diagram.export import FORMATS


class DiagramDownloads(Pages):
    """The address under which a diagram is downloaded, in each format."""

    def own_urls(self) -> list[URLPattern]:
        """Return the pages beside Django's, with ``diagram.svg`` and its like."""
        return [*super().own_urls(), self.url("<int:pk>/diagram.<slug:suffix>", self.diagram_file, "diagram")]

    def diagram_file(self, request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
        """Answer the diagram in that format; 404 for a format that there is not."""
        drawn = self.visible_row(request, pk)
        found = next((way for way in FORMATS.values() if way.suffix == suffix), None)
        if found is None:
            raise Http404(_("A diagram is not written as .%s.") % suffix)
        response = HttpResponse(found.write(graph_of(drawn)), content_type=found.content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}-{pk}.{suffix}"'
        return response
