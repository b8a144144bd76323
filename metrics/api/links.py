"""The links of the metric map over the API: which metric leads to which, and why we think so."""

from django.db.models import QuerySet
from rest_framework import mixins, serializers, viewsets

from metrics.models import Link
from metrics.policy import map_metrics_for


class LinkSerializer(serializers.ModelSerializer):
    """One link between two metrics, by their keys."""

    child = serializers.CharField(source="child.key")
    parent = serializers.CharField(source="parent.key")
    evidence = serializers.CharField()
    delay = serializers.CharField()

    class Meta:
        model = Link
        fields = ["child", "parent", "kind", "rung", "evidence", "lag_days", "delay", "note"]


class LinkViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The links between the metrics that this person may see on the map."""

    serializer_class = LinkSerializer

    def get_queryset(self) -> QuerySet[Link]:
        shown = map_metrics_for(self.request.user)
        links = Link.objects.with_ends().filter(child__in=shown, parent__in=shown)
        return links.order_by("child__key", "parent__key", "pk")
