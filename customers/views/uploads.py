from django.http import HttpResponse


def upload_list(request, **kwargs):
    return HttpResponse("stub")


def upload_new(request, **kwargs):
    return HttpResponse("stub")


def upload_page(request, **kwargs):
    return HttpResponse("stub")


def upload_progress(request, **kwargs):
    return HttpResponse("stub")


def upload_check(request, **kwargs):
    return HttpResponse("stub")


def upload_import(request, **kwargs):
    return HttpResponse("stub")


def upload_undo(request, **kwargs):
    return HttpResponse("stub")


def upload_try_again(request, **kwargs):
    return HttpResponse("stub")


def upload_discard(request, **kwargs):
    return HttpResponse("stub")


def upload_set_aside(request, **kwargs):
    return HttpResponse("stub")
