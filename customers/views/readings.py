from django.http import HttpResponse


def reading_list(request, **kwargs):
    return HttpResponse("stub")
