from django.http import HttpResponse


def map_edit(request, **kwargs):
    return HttpResponse("stub")


def metric_new(request, **kwargs):
    return HttpResponse("stub")


def metric_edit(request, **kwargs):
    return HttpResponse("stub")


def metric_remove(request, **kwargs):
    return HttpResponse("stub")


def link_new(request, **kwargs):
    return HttpResponse("stub")


def link_edit(request, **kwargs):
    return HttpResponse("stub")


def link_remove(request, **kwargs):
    return HttpResponse("stub")
