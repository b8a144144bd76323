"""What the data say of the map's links, and one of it taken into the draft."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from metrics.boards.evidence import evidence_board
from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.evidence.taking import newest_findings, take_into_draft


@require_GET
def evidence_list(request):
    return render(request, "metrics/evidence_list.html", {"board": evidence_board()})


@require_POST
def evidence_take(request, pk):
    finding = get_object_or_404(newest_findings(), pk=pk)
    try:
        edition = take_into_draft(finding, request.user)
        messages.success(request, f"{edition} has it now. Propose it to have it signed.")
    except NotNow as refused:
        messages.error(request, str(refused))
    return redirect("evidence-list")
