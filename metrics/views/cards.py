from django.http import HttpResponse


def customer_card(request, **kwargs):
    return HttpResponse("stub")
