from django.http import HttpResponse


def story(request, **kwargs):
    return HttpResponse("stub")
