"""Addresses of the facts: customers, uploads, people, the company's terms, and who read what."""

from django.urls import path

from customers.views import cash, company, customers, people, readings, uploads

urlpatterns = [
    path("customers/", customers.customer_list, name="customer-list"),
    path("uploads/", uploads.upload_list, name="upload-list"),
    path("uploads/new/", uploads.upload_new, name="upload-new"),
    path("uploads/<int:pk>/", uploads.upload_page, name="upload-page"),
    path("uploads/<int:pk>/progress/", uploads.upload_progress, name="upload-progress"),
    path("uploads/<int:pk>/holds/", uploads.upload_holds, name="upload-holds"),
    path("uploads/<int:pk>/check/", uploads.upload_check, name="upload-check"),
    path("uploads/<int:pk>/import/", uploads.upload_import, name="upload-import"),
    path("uploads/<int:pk>/undo/", uploads.upload_undo, name="upload-undo"),
    path("uploads/<int:pk>/again/", uploads.upload_try_again, name="upload-try-again"),
    path("uploads/<int:pk>/discard/", uploads.upload_discard, name="upload-discard"),
    path("uploads/<int:pk>/set-aside.csv", uploads.upload_set_aside, name="upload-set-aside"),
    path("people/", people.person_list, name="person-list"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/<int:pk>/", people.person_page, name="person-page"),
    path("people/<int:pk>/leave/", people.person_leave, name="person-leave"),
    path("people/<int:pk>/return/", people.person_return, name="person-return"),
    path("people/<int:pk>/reset/", people.person_reset, name="person-reset"),
    path("people/<int:pk>/roles/", people.membership_new, name="membership-new"),
    path("roles/<int:pk>/end/", people.membership_end, name="membership-end"),
    path("departments/new/", people.department_new, name="department-new"),
    path("company/", company.company_page, name="company-page"),
    path("company/margins/", cash.margin_list, name="margin-list"),
    path("company/margins/new/", cash.margin_new, name="margin-new"),
    path("company/margins/<int:pk>/remove/", cash.margin_remove, name="margin-remove"),
    path("company/acquisition/", cash.acquisition_list, name="acquisition-list"),
    path("company/acquisition/new/", cash.acquisition_new, name="acquisition-new"),
    path(
        "company/acquisition/<int:pk>/remove/", cash.acquisition_remove, name="acquisition-remove"
    ),
    path("reads/", readings.reading_list, name="reading-list"),
]
