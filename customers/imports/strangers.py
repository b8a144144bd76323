"""Customers of whom nothing is left once an upload is undone."""

from collections.abc import Iterable

from django.utils.timezone import localdate

from customers.models import Change, Customer, SourceRecord


def remove_strangers(records: Iterable[int]) -> None:
    """Remove those of these records of which nothing is left, and who was known by them alone."""
    empty = SourceRecord.objects.filter(
        pk__in=records, purchases=None, contracts=None, interactions=None, referrals_of_it=None
    )
    customers = set(empty.values_list("customer", flat=True)) - {None}
    empty.delete()
    gone, _ = Customer.objects.filter(pk__in=customers, records=None).delete()
    if gone:
        Change.objects.mark(Change.CUSTOMER, [localdate()])
