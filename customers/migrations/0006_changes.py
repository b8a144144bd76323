from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_files_of_all_facts")]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=10)),
                ("first_on", models.DateField(null=True)),
                ("last_on", models.DateField(null=True)),
                (
                    "run",
                    models.PositiveBigIntegerField(
                        help_text="The figure run that counts them anew.", null=True
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind="", first_on=None, last_on=None)
                        | Q(
                            kind__in=[
                                *("purchase", "customer", "dispatch", "delivery", "return"),
                                *("defect", "ticket", "call", "invoice", "survey", "offer"),
                                *("referral", "visit", "install", "other"),
                            ],
                            first_on__isnull=False,
                            last_on__gte=F("first_on"),
                        ),
                        name="change_is_of_all_facts_or_of_one_kind_and_its_days",
                    ),
                ],
            },
        ),
    ]
