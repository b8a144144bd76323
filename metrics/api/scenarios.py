"""Scenarios over the API: what each changes, and customer equity as it would then be."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.boards.value.scenarios import by_worth, rows_of
from metrics.models import Scenario, Valuation


class ScenarioSerializer(serializers.Serializer):
    """Under the valuation in force. The amounts are null while it is not valued under it."""

    pk = serializers.IntegerField(source="scenario.pk")
    name = serializers.CharField(source="scenario.name")
    note = serializers.CharField(source="scenario.note")
    owner = serializers.CharField(source="scenario.owner.name")
    changed_at = serializers.DateTimeField(source="scenario.changed_at")
    changes = serializers.ListField(child=serializers.CharField())
    has_other_terms = serializers.BooleanField()
    clv_total = serializers.SerializerMethodField()
    clv_low = serializers.SerializerMethodField()
    clv_high = serializers.SerializerMethodField()
    gain = serializers.FloatField(allow_null=True)

    def get_clv_total(self, row) -> float | None:
        return self._amount(row, "clv_total")

    def get_clv_low(self, row) -> float | None:
        return self._amount(row, "clv_low")

    def get_clv_high(self, row) -> float | None:
        return self._amount(row, "clv_high")

    def _amount(self, row, name: str) -> float | None:
        amount = getattr(row.value, name) if row.is_valued else None
        return None if amount is None else float(amount)


class ScenarioViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """All scenarios, the one worth most first; none before the first valuation."""

    serializer_class = ScenarioSerializer
    queryset = Scenario.objects.none()

    @extend_schema(responses=ScenarioSerializer(many=True))
    def list(self, request: Request) -> Response:
        valuation = Valuation.objects.in_force()
        page = self.paginate_queryset(by_worth(valuation) if valuation else self.queryset)
        rows = rows_of(page, valuation) if valuation else []
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)
