"""Metrics and their figures over the API: the same rows as on the pages."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from metrics.models import Figure, Metric, MetricVersion
from metrics.policy import metrics_for


class FigureSerializer(serializers.ModelSerializer):
    """One period. A figure that is not final may still change as its window ripens."""

    value = serializers.FloatField()

    class Meta:
        model = Figure
        fields = ["starts_on", "ends_on", "value", "numerator", "denominator", "rows", "is_final"]


class MetricSerializer(serializers.ModelSerializer):
    """A metric with the version in force; null where it is not counted yet."""

    department = serializers.CharField(source="department.name")
    version = serializers.SerializerMethodField()

    class Meta:
        model = Metric
        fields = [
            *("key", "name", "description", "department", "level", "lever"),
            *("direction", "control", "version"),
        ]

    def get_version(self, metric: Metric) -> dict[str, Any] | None:
        shown = ("number", "grain", "unit", "scale", "decimals", "ripens_after_days")
        return next(
            ({name: getattr(version, name) for name in shown} for version in metric.versions.all()),
            None,
        )


class MetricDetailSerializer(MetricSerializer):
    """A metric with its figures, oldest first."""

    figures = serializers.SerializerMethodField()

    class Meta(MetricSerializer.Meta):
        fields = [*MetricSerializer.Meta.fields, "figures"]

    @extend_schema_field(FigureSerializer(many=True))
    def get_figures(self, metric: Metric) -> list[dict[str, Any]]:
        figures = Figure.objects.filter(version__in=metric.versions.all()).with_value()
        return FigureSerializer(figures.order_by("starts_on"), many=True).data


class MetricViewSet(viewsets.ReadOnlyModelViewSet):
    """The metrics that this person may see, by key; one of them with its figures."""

    queryset = Metric.objects.none()
    lookup_field = "key"

    def get_queryset(self) -> QuerySet[Metric]:
        in_force = Prefetch("versions", MetricVersion.objects.in_force())
        metrics = metrics_for(self.request.user).select_related("department")
        return metrics.prefetch_related(in_force).order_by("key")

    def get_serializer_class(self) -> type[MetricSerializer]:
        return MetricDetailSerializer if self.action == "retrieve" else MetricSerializer
