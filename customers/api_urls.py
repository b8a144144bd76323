"""Addresses of the API: customers, uploads and new purchases."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from customers.api import CustomerViewSet, UploadViewSet
from customers.api_purchases import PurchasePushView

router = SimpleRouter()
router.register("customers", CustomerViewSet, basename="api-customer")
router.register("uploads", UploadViewSet, basename="api-upload")

urlpatterns = [
    path("purchases/", PurchasePushView.as_view(), name="api-purchase-push"),
    *router.urls,
]
