"""Purchases pushed by a program."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED
from rest_framework.views import APIView

from customers.api.batches import (
    MomentField,
    NumberField,
    PushedSerializer,
    PushesBatches,
    RowsField,
    SourceField,
    TextField,
)
from customers.models import Department, Upload


class RowSerializer(serializers.Serializer):
    """A line of an order. Without a customer it is a sale to a guest."""

    customer = TextField(help_text="The source's code of the customer.")
    date = MomentField(help_text="ISO 8601, with the time if known.")
    order = TextField(help_text="The source's code of the order.")
    product = TextField()
    quantity = NumberField()
    price = NumberField(help_text="Price of one; with a quantity it stands for the amount.")
    amount = NumberField(help_text="Amount of the line; below zero for a return.")
    cost = NumberField(help_text="What the line cost us.")
    channel = TextField()
    country = TextField()
    name = TextField(help_text="The customer's name.")


class PushSerializer(serializers.Serializer):
    """A batch of rows from one source, and who looks after its new customers."""

    source = SourceField()
    department = serializers.SlugRelatedField(
        slug_field="name",
        queryset=Department.objects.all(),
        error_messages={"does_not_exist": "There is no department {value}."},
    )
    complete_until = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="Last day of which the source has sent all purchases; else the last day here.",
    )
    rows = RowsField(child=RowSerializer())


class PurchasePushView(PushesBatches, APIView):
    """Send purchases, 1,000 rows at most at a time. They are imported after the answer.

    The same batch again adds nothing: a row that is here already is not stored a second time,
    and the n-th of equal rows in a batch is the n-th of any other. So equal lines of two batches
    count as the same line unless they differ in order or time: send the order code, or the time
    of day.
    """

    holds = Upload.Holds.PURCHASES
    batch_serializer = PushSerializer

    @extend_schema(request=PushSerializer, responses={HTTP_202_ACCEPTED: PushedSerializer})
    def post(self, request: Request) -> Response:
        return self.take(request)
