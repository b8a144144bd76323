"""Interactions and staff facts: pushed by a program, and read by the policy's columns."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED

from customers.api.batches import (
    MomentField,
    NumberField,
    PushedSerializer,
    PushesBatches,
    RowsField,
    SourceField,
    TextField,
)
from customers.api.rows import GrantedSerializer
from customers.models import Interaction, StaffMonth, Upload
from customers.policy import interactions_for, opens, staff_months_for


class InteractionSerializer(GrantedSerializer):
    """An interaction with the columns that this person may see; the others are not there."""

    pk = serializers.IntegerField()
    customer_code = serializers.CharField(allow_null=True)
    prospect = serializers.CharField()
    kind = serializers.CharField()
    number = serializers.CharField()
    happened_at = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    topic = serializers.CharField()
    site = serializers.CharField()
    is_flagged = serializers.BooleanField(allow_null=True)
    is_record_shown = serializers.BooleanField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    may_be_quoted = serializers.BooleanField()
    description = serializers.CharField()
    quotable_words = serializers.CharField()
    cost = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)


class InteractionRowSerializer(serializers.Serializer):
    """One thing that happened. Sent again with its number, it says what has changed."""

    kind = serializers.ChoiceField(Interaction.Kind.choices)
    day = MomentField(help_text="When it happened, was opened, ordered or asked.")
    customer = TextField(help_text="The source's code of the customer.")
    prospect = TextField(help_text="Of visits, installs and offers, while there is no customer.")
    number = TextField(help_text="The source's number of it.")
    due = MomentField(required=False, help_text="The day for which it was promised.")
    answered = MomentField(required=False, help_text="When somebody first answered.")
    done = MomentField(required=False, help_text="Delivered, closed, refunded, reached.")
    outcome = serializers.ChoiceField(Interaction.Outcome.choices, required=False)
    topic = TextField()
    site = TextField(help_text="The depot, store or team that had to do with it.")
    score = NumberField(help_text="A survey's answer, from 0 to 100.")
    flagged = serializers.BooleanField(
        required=False, allow_null=True, help_text="An invoice: whether it failed a check."
    )
    record_shown = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="A ticket or a call: whether the customer's whole record was on the screen.",
    )
    consent = serializers.BooleanField(
        required=False, help_text="Whether others may read the customer's words."
    )
    referred = TextField(help_text="Of a referral: the code of whom it brought.")
    cost = NumberField()
    description = TextField()


class InteractionPushSerializer(serializers.Serializer):
    """A batch of interactions with customers whom one source knows, or with prospects."""

    source = SourceField()
    rows = RowsField(child=InteractionRowSerializer())


class StaffMonthSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.name")

    class Meta:
        model = StaffMonth
        fields = (
            *("pk", "department", "group", "month", "headcount", "trained", "leavers"),
            *("engagement", "answers"),
        )


class StaffRowSerializer(serializers.Serializer):
    """One group of eight people or more in one month."""

    department = serializers.CharField()
    group = serializers.CharField()
    month = serializers.DateField(help_text="Any day of it.")
    headcount = serializers.IntegerField()
    trained = serializers.IntegerField(required=False, allow_null=True)
    leavers = serializers.IntegerField(required=False, allow_null=True)
    engagement = NumberField(help_text="Mean of the agreed items, from 0 to 100.")
    answers = serializers.IntegerField(required=False, allow_null=True)


class StaffPushSerializer(serializers.Serializer):
    """A batch of staff facts."""

    rows = RowsField(child=StaffRowSerializer())


class FactsView(PushesBatches, generics.ListAPIView):
    """Read by those whom the policy lets; pushed by those who may send files."""

    def post(self, request: Request) -> Response:
        if not opens(request.user, "upload-new"):
            raise Http404
        return self.take(request)


class InteractionView(FactsView):
    """Interactions, latest first; each with the columns that your roles may see.

    Send 1,000 at most at a time. They are imported after the answer; one whose customer the
    source does not know is set aside. One sent again with its number says what has changed.
    """

    serializer_class = InteractionSerializer
    holds = Upload.Holds.INTERACTIONS
    batch_serializer = InteractionPushSerializer

    def get_queryset(self):
        return interactions_for(self.request.user)

    @extend_schema(
        request=InteractionPushSerializer, responses={HTTP_202_ACCEPTED: PushedSerializer}
    )
    def post(self, request: Request) -> Response:
        return super().post(request)


class StaffMonthView(FactsView):
    """What is known of staff, in groups of eight or more, latest month first.

    Send 1,000 at most at a time. A group of fewer than eight is set aside, and not kept.
    """

    serializer_class = StaffMonthSerializer
    holds = Upload.Holds.STAFF
    batch_serializer = StaffPushSerializer

    def get_queryset(self):
        return staff_months_for(self.request.user)

    @extend_schema(request=StaffPushSerializer, responses={HTTP_202_ACCEPTED: PushedSerializer})
    def post(self, request: Request) -> Response:
        return super().post(request)
