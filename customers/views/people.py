from django.http import HttpResponse


def person_list(request, **kwargs):
    return HttpResponse("stub")


def person_new(request, **kwargs):
    return HttpResponse("stub")


def person_page(request, **kwargs):
    return HttpResponse("stub")


def person_leave(request, **kwargs):
    return HttpResponse("stub")


def person_return(request, **kwargs):
    return HttpResponse("stub")


def person_reset(request, **kwargs):
    return HttpResponse("stub")


def membership_new(request, **kwargs):
    return HttpResponse("stub")


def membership_end(request, **kwargs):
    return HttpResponse("stub")
