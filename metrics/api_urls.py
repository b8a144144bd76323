"""Addresses of the API: metrics, their figures and worths, links, valuations and scenarios."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from metrics.api.links import LinkViewSet
from metrics.api.metrics import MetricViewSet
from metrics.api.movements import MovementViewSet
from metrics.api.reported import ReportedFigureView
from metrics.api.scenarios import ScenarioViewSet
from metrics.api.valuations import CustomerValueViewSet, ValuationViewSet
from metrics.api.worths import WorthViewSet

router = SimpleRouter()
router.register("metrics", MetricViewSet, basename="api-metric")
router.register("links", LinkViewSet, basename="api-link")
router.register("valuations", ValuationViewSet, basename="api-valuation")
router.register("values", CustomerValueViewSet, basename="api-customer-value")
router.register("worths", WorthViewSet, basename="api-worth")
router.register("scenarios", ScenarioViewSet, basename="api-scenario")
router.register("movements", MovementViewSet, basename="api-movement")

urlpatterns = [
    path("reported-figures/", ReportedFigureView.as_view(), name="api-reported-figures"),
    *router.urls,
]
