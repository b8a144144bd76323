"""The same facts for programs: the rows and columns of the pages, through the same policy."""

from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from customers.models import SetAsideRow, Upload
from customers.policy import customer_for, customers_for


class GrantedSerializer(serializers.Serializer):
    """A row with the columns that this person may see; the others are not there."""

    def to_representation(self, row):
        granted = [field for field in self._readable_fields if field.field_name in row]
        return {
            field.field_name: None
            if row[field.field_name] is None
            else field.to_representation(row[field.field_name])
            for field in granted
        }


class CustomerSerializer(GrantedSerializer):
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


class CustomerViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = CustomerSerializer

    def get_queryset(self):
        return customers_for(self.request.user, self.request.GET.get("q", ""))

    def get_object(self):
        pk = self.kwargs["pk"]
        if pk.isdigit() and (found := customer_for(self.request.user, int(pk))):
            return found
        raise Http404


SET_ASIDE_SHOWN = 200


class UploadSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="source.name", allow_null=True)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = (
            "pk",
            "holds",
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

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, upload):
        """Rows by outcome, of the step that the upload is at."""
        counts = upload.counts.all()
        return {each.outcome: each.rows for each in counts if each.doing == upload.doing}


class SetAsideRowSerializer(serializers.ModelSerializer):
    """A row that could not be used, and why. Line 1 is the header, so rows begin with 2."""

    class Meta:
        model = SetAsideRow
        fields = ("number", "reason", "sentence")


class UploadDetailSerializer(UploadSerializer):
    set_aside = serializers.SerializerMethodField()

    class Meta(UploadSerializer.Meta):
        fields = (*UploadSerializer.Meta.fields, "set_aside")

    @extend_schema_field(SetAsideRowSerializer(many=True))
    def get_set_aside(self, upload):
        """The first rows set aside by the step that the upload is at, 200 at most."""
        rows = upload.set_aside.filter(doing=upload.doing).order_by("number")
        return SetAsideRowSerializer(rows[:SET_ASIDE_SHOWN], many=True).data


class UploadViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Upload.objects.select_related("source").prefetch_related("counts").order_by("-pk")

    def get_serializer_class(self):
        return UploadDetailSerializer if self.action == "retrieve" else UploadSerializer
