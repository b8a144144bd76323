"""Addresses of the API: metrics with their figures, links, valuations and values."""

from rest_framework.routers import SimpleRouter

from metrics.api.links import LinkViewSet
from metrics.api.metrics import MetricViewSet
from metrics.api.valuations import CustomerValueViewSet, ValuationViewSet

router = SimpleRouter()
router.register("metrics", MetricViewSet, basename="api-metric")
router.register("links", LinkViewSet, basename="api-link")
router.register("valuations", ValuationViewSet, basename="api-valuation")
router.register("values", CustomerValueViewSet, basename="api-customer-value")

urlpatterns = router.urls
