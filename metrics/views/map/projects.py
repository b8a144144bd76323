"""Projects written down on the evidence page: what they are to move, and where they went live."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from metrics.forms.projects import ProjectForm
from metrics.metric_map.changing.projects import keep
from metrics.models import Project


@require_http_methods(["GET", "POST"])
def project_new(request):
    return _edited(request, Project(), "Write down a project")


@require_http_methods(["GET", "POST"])
def project_edit(request, pk):
    project = get_object_or_404(Project, pk=pk)
    return _edited(request, project, f"Change {project.name}")


def _edited(request, project, title):
    form = ProjectForm(request.POST or None, instance=project)
    if request.method == "POST" and form.is_valid():
        keep(form.instance, form.cleaned_data["live_at"], request.user)
        messages.success(request, f"{project.name} is written down. The next look judges it.")
        return redirect("evidence-list")
    return render(request, "metrics/project_edit.html", {"form": form, "title": title})
