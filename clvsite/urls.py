"""All addresses. A page that shows a customer's value belongs to metrics, whatever its path."""

from django.urls import include, path

from clvsite import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("parts/", views.parts, name="parts"),
    path("account/", include("allauth.account.urls")),
    path("api/", include("customers.api_urls")),
    path("api/", include("metrics.api_urls")),
    path("", include("customers.urls")),
    path("", include("metrics.urls")),
]
