"""Addresses of the API: customers and uploads."""

from rest_framework.routers import SimpleRouter

from customers.api import CustomerViewSet, UploadViewSet

router = SimpleRouter()
router.register("customers", CustomerViewSet, basename="api-customer")
router.register("uploads", UploadViewSet, basename="api-upload")

urlpatterns = router.urls
