"""Why customer equity moved between two valuations, over the API."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets

from customers.models import Work
from metrics.models import Movement, MovementPart, Valuation


class MovementPartSerializer(serializers.ModelSerializer):
    """One part of the change, in the later valuation's currency."""

    class Meta:
        model = MovementPart
        fields = ("part", "amount")


class MovementSerializer(serializers.ModelSerializer):
    """The parts together are the gain, to the cent."""

    earlier_as_of = serializers.DateField(source="earlier.as_of")
    later_as_of = serializers.DateField(source="later.as_of")
    currency = serializers.CharField(source="later.currency")
    gain = serializers.SerializerMethodField()
    parts = MovementPartSerializer(many=True)

    class Meta:
        model = Movement
        fields = ("earlier", "earlier_as_of", "later", "later_as_of", "currency", "gain", "parts")

    @extend_schema_field(serializers.DecimalField(max_digits=16, decimal_places=2))
    def get_gain(self, movement: Movement) -> str:
        return str(movement.later.equity - movement.earlier.equity)


class MovementViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Every finished movement, newest first."""

    serializer_class = MovementSerializer

    def get_queryset(self) -> QuerySet[Movement]:
        told = Movement.objects.filter(
            status=Work.Status.DONE,
            later__in=Valuation.objects.finished(),
            earlier__clv_total__isnull=False,
            later__clv_total__isnull=False,
        )
        ends = told.select_related("earlier", "later").prefetch_related("parts")
        return ends.order_by("-later__as_of", "-pk")
