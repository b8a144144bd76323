"""The same facts for programs: the rows and columns of the pages, through the same policy."""

from rest_framework import serializers, viewsets

from customers.models import Upload
from customers.policy import customers_for


class CustomerSerializer(serializers.Serializer):
    """A customer with the columns that this person may see; the others are not there."""

    pk = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField()
    department_name = serializers.CharField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    orders = serializers.IntegerField()
    spent = serializers.DecimalField(max_digits=14, decimal_places=2)

    def to_representation(self, row):
        granted = [field for field in self._readable_fields if field.field_name in row]
        return {
            field.field_name: None
            if row[field.field_name] is None
            else field.to_representation(row[field.field_name])
            for field in granted
        }


class CustomerViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = CustomerSerializer

    def get_queryset(self):
        return customers_for(self.request.user, self.request.GET.get("q", ""))


class UploadSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="source.name")
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = (
            "pk",
            "source",
            "file_name",
            "doing",
            "status",
            "steps_done",
            "steps_total",
            "failure",
            "asked_at",
            "counts",
        )

    def get_counts(self, upload):
        """Rows by outcome, of the step that the upload is at."""
        counts = upload.counts.all()
        return {each.outcome: each.rows for each in counts if each.doing == upload.doing}


class UploadViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = UploadSerializer
    queryset = Upload.objects.select_related("source").prefetch_related("counts").order_by("-pk")
