"""Valuations and, for who may see amounts, the value of each customer."""

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from metrics.models import (
    Contender,
    HoldoutTest,
    Valuation,
    ValuationParameter,
    ValuationWarning,
)
from metrics.policy import VALUE_COLUMNS, valued_customers_for


class ParameterSerializer(serializers.ModelSerializer):
    class Meta:
        model = ValuationParameter
        fields = ("model", "name", "value", "standard_error")


class WarningSerializer(serializers.ModelSerializer):
    class Meta:
        model = ValuationWarning
        fields = ("code", "sentence")


class ContenderSerializer(serializers.ModelSerializer):
    """A model's forecast of the days held out; `naive` is everybody going on as before."""

    class Meta:
        model = Contender
        fields = (
            "model",
            "is_chosen",
            "barred",
            "log_likelihood",
            "forecast",
            "mae",
            "rmse",
            "deviance",
            "gini",
        )


class HoldoutTestSerializer(serializers.ModelSerializer):
    """A forecast of (as_of, last_day] by what was known on as_of."""

    class Meta:
        model = HoldoutTest
        fields = ("as_of", "last_day", "actual", "forecast")


class ValuationSerializer(serializers.ModelSerializer):
    contest = ContenderSerializer(many=True)
    tests = HoldoutTestSerializer(many=True)
    parameters = ParameterSerializer(many=True)
    warnings = WarningSerializer(many=True)

    class Meta:
        model = Valuation
        fields = (
            "pk",
            "purpose",
            "as_of",
            "in_force",
            "status",
            "failure",
            "outcome",
            "unit",
            "months",
            "yearly_rate",
            "margin",
            "currency",
            "model",
            "log_likelihood",
            "customers",
            "repeat_purchases",
            "clv_total",
            "clv_low",
            "clv_high",
            "contract_clv",
            "contract_customers",
            "parameter_spread",
            "chance_spread",
            "coverage",
            "calibrated_until",
            "holdout_until",
            "holdout_actual",
            "holdout_forecast",
            "holdout_mae",
            "naive_forecast",
            "naive_mae",
            "contest",
            "tests",
            "parameters",
            "warnings",
        )

    def to_representation(self, instance):
        """Contracts of few customers are not told apart from anybody's own."""
        shown = super().to_representation(instance)
        if instance.contract_customers and not instance.tells_contracts:
            shown |= {"contract_clv": None, "contract_customers": None}
        return shown


class ValuationViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = ValuationSerializer
    queryset = Valuation.objects.prefetch_related(
        "contest", "tests", "parameters", "warnings"
    ).order_by("-pk")


class CustomerValueSerializer(serializers.Serializer):
    """What one customer is worth in the valuation in force; money in its currency."""

    pk = serializers.IntegerField()
    code = serializers.CharField()
    word = serializers.CharField()
    spend_variation = serializers.FloatField()
    p_alive = serializers.FloatField()
    clv = serializers.FloatField()
    clv_low = serializers.FloatField()
    clv_high = serializers.FloatField()


@extend_schema_view(
    retrieve=extend_schema(parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)])
)
class CustomerValueViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = CustomerValueSerializer

    def get_queryset(self):
        rows = valued_customers_for(self.request.user).exclude(values=None)
        return rows.order_by("code", "pk").values("pk", "code", *VALUE_COLUMNS)
