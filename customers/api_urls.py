"""Addresses of the API: customers, uploads, and what programs push."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from customers.api.facts import InteractionView, StaffMonthView
from customers.api.purchases import PurchasePushView
from customers.api.rows import CustomerViewSet, UploadViewSet

router = SimpleRouter()
router.register("customers", CustomerViewSet, basename="api-customer")
router.register("uploads", UploadViewSet, basename="api-upload")

urlpatterns = [
    path("purchases/", PurchasePushView.as_view(), name="api-purchase-push"),
    path("interactions/", InteractionView.as_view(), name="api-interactions"),
    path("staff-months/", StaffMonthView.as_view(), name="api-staff-months"),
    *router.urls,
]
