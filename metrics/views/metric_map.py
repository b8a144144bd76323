from django.http import HttpResponse


def map_page(request, **kwargs):
    return HttpResponse("stub")
