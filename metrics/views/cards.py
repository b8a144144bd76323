"""The customer's card: what the front line reads in thirty seconds."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from metrics.cards import card_for


@require_GET
def customer_card(request, pk):
    card = card_for(request.user, pk, known_code=request.GET.get("code", ""))
    if card is None:
        raise Http404
    return render(request, "metrics/customer_card.html", {"card": card})
