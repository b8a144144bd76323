from django.http import HttpResponse


def company_page(request, **kwargs):
    return HttpResponse("stub")
