"""What a step of each metric is worth, over the API: as the boards and the map tell it."""

from django.db.models import QuerySet
from rest_framework import mixins, serializers, viewsets

from metrics.models import MetricWorth, RollUp
from metrics.policy import metrics_for


class WorthSerializer(serializers.ModelSerializer):
    """Money at the top of the map, from 5 to 95 in 100; where it is not known, unknown says why.

    leaves_out: what the numbers do not hold, in sentences.
    """

    key = serializers.CharField(source="metric.key")
    low = serializers.FloatField(source="per_unit_low", allow_null=True)
    high = serializers.FloatField(source="per_unit_high", allow_null=True)
    as_of = serializers.DateField(source="roll_up.as_of", allow_null=True)
    currency = serializers.CharField(source="roll_up.currency")

    class Meta:
        model = MetricWorth
        fields = (
            *("key", "as_of", "currency", "per_unit", "low", "high", "p_right"),
            *("step", "step_basis", "gain", "gain_low", "gain_high", "unknown", "leaves_out"),
        )


class WorthViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The worths of the metrics whose figures this person may see; none before a roll-up."""

    serializer_class = WorthSerializer

    def get_queryset(self) -> QuerySet[MetricWorth]:
        roll_up = RollUp.objects.in_force()
        if roll_up is None:
            return MetricWorth.objects.none()
        shown = roll_up.worths.filter(metric__in=metrics_for(self.request.user))
        return shown.select_related("metric", "roll_up").order_by("metric__key")
