"""Values of before carry the margin they were made under, and everything is valued anew."""

from django.db import migrations
from django.db.models import F, FloatField, Sum
from django.utils import timezone


def fill(apps, schema_editor):
    Valuation = apps.get_model("metrics", "Valuation")
    CustomerValue = apps.get_model("metrics", "CustomerValue")
    for valuation in Valuation.objects.order_by("pk"):
        values = CustomerValue.objects.filter(valuation=valuation)
        values.update(margin=float(valuation.margin))
        again = values.aggregate(
            spent=Sum(F("x") * F("mean_spend"), default=0.0, output_field=FloatField()),
            purchases=Sum("x", default=0),
        )
        valuation.usual_spend = again["spent"] / max(again["purchases"], 1)
        valuation.save(update_fields=["usual_spend"])
    if Valuation.objects.exists():
        sources = apps.get_model("customers", "Source").objects
        sources.update(changes=F("changes") + 1, changed_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("metrics", "0002_value_engine"), ("customers", "0003_audit_verbs")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
