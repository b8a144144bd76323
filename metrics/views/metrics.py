from django.http import HttpResponse


def board(request, **kwargs):
    return HttpResponse("stub")


def metric_list(request, **kwargs):
    return HttpResponse("stub")


def metric_page(request, **kwargs):
    return HttpResponse("stub")
