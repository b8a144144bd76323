"""All addresses. A page that shows a customer's value belongs to metrics, whatever its path."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from clvsite import views
from clvsite.api.token import TokenView

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("sample/clear/", views.sample_clear, name="sample-clear"),
    path("parts/", views.parts, name="parts"),
    path("account/", include("allauth.account.urls")),
    path("api/token/", TokenView.as_view(), name="api-token"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/", include("customers.api_urls")),
    path("api/", include("metrics.api_urls")),
    path("", include("customers.urls")),
    path("", include("metrics.urls")),
]
