from django.http import HttpResponse


def valuation_current(request, **kwargs):
    return HttpResponse("stub")


def valuation_list(request, **kwargs):
    return HttpResponse("stub")


def valuation_new(request, **kwargs):
    return HttpResponse("stub")


def valuation_page(request, **kwargs):
    return HttpResponse("stub")


def valuation_progress(request, **kwargs):
    return HttpResponse("stub")


def valuation_try_again(request, **kwargs):
    return HttpResponse("stub")
