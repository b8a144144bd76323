"""Figures that programs report, and what was said before."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.indicators.reporting.batches import NotTaken, Said, report_all
from metrics.models import MetricVersion, ReportedFigure
from metrics.policy import metrics_reported_by

MOST_ROWS = 200


class ReportedFigureSerializer(serializers.ModelSerializer):
    """What was said last of one period. value: in the metric's unit."""

    key = serializers.CharField(source="metric.key")
    value = serializers.SerializerMethodField()
    reported_by = serializers.CharField(source="reported_by.name", allow_null=True, default=None)

    class Meta:
        model = ReportedFigure
        fields = (
            *("key", "starts_on", "value", "numerator", "denominator"),
            *("reported_by", "reported_at"),
        )

    def get_value(self, row: ReportedFigure) -> float:
        scale = self.context["scales"].get(row.metric_id, 1)
        return row.numerator / (row.denominator or 1.0) * scale


class FigureRowSerializer(serializers.Serializer):
    """One period of one metric: a value in its unit, or a number and out of how many."""

    key = serializers.SlugField(help_text="The metric's.")
    starts_on = serializers.DateField(help_text="The first day of a period that is over.")
    value = serializers.FloatField(required=False, allow_null=True)
    numerator = serializers.FloatField(required=False, allow_null=True)
    denominator = serializers.FloatField(required=False, allow_null=True)


class FigureBatchSerializer(serializers.Serializer):
    rows = serializers.ListField(
        child=FigureRowSerializer(),
        allow_empty=False,
        max_length=MOST_ROWS,
        error_messages={
            "empty": "Send at least one row.",
            "max_length": "Send {max_length} rows at most at a time.",
        },
    )


class TakenSerializer(serializers.Serializer):
    taken = serializers.IntegerField(help_text="Figures that are new or changed.")
    unchanged = serializers.IntegerField(help_text="Said before in the same numbers.")


class ReportedFigureView(generics.ListAPIView):
    """What is reported of the metrics that you may report, newest period first.

    Send 200 rows at most at a time. All of them are taken, or none. The last word on a period
    counts; the same batch again changes nothing.
    """

    serializer_class = ReportedFigureSerializer

    def get_queryset(self) -> QuerySet[ReportedFigure]:
        own = metrics_reported_by(self.request.user)
        if key := self.request.GET.get("key"):
            own = own.filter(key=key)
        rows = ReportedFigure.objects.filter(metric__in=own)
        return rows.select_related("metric", "reported_by").order_by("-starts_on", "metric__key")

    def get_serializer_context(self) -> dict[str, Any]:
        versions = MetricVersion.objects.in_force().filter(way=MetricVersion.Way.REPORTED)
        scales = dict(versions.values_list("metric", "scale"))
        return super().get_serializer_context() | {"scales": scales}

    @extend_schema(parameters=[OpenApiParameter("key", str, description="Of this metric only.")])
    def get(self, request: Request) -> Response:
        return super().get(request)

    @extend_schema(request=FigureBatchSerializer, responses=TakenSerializer)
    def post(self, request: Request) -> Response:
        batch = FigureBatchSerializer(data=request.data)
        batch.is_valid(raise_exception=True)
        said = self._said(batch.validated_data["rows"])
        try:
            taken = len(report_all(said, request.user))
        except NotTaken as problem:
            raise _refused(problem.refused) from None
        return Response({"taken": taken, "unchanged": len(said) - taken})

    def _said(self, rows: list[dict[str, Any]]) -> list[Said]:
        keys = {row["key"] for row in rows}
        own = {one.key: one for one in metrics_reported_by(self.request.user).filter(key__in=keys)}
        strange = {
            place: f"There is no metric {row['key']} that you report."
            for place, row in enumerate(rows)
            if row["key"] not in own
        }
        if strange:
            raise _refused(strange)
        numbers = ("value", "numerator", "denominator")
        return [
            Said(own[row["key"]], row["starts_on"], *(row.get(name) for name in numbers))
            for row in rows
        ]


def _refused(why: dict[int, str]) -> serializers.ValidationError:
    """Sentences by the place of the row, as for any other fault of a row."""
    return serializers.ValidationError({"rows": {str(n): [told] for n, told in why.items()}})
