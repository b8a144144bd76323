from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0005_values_by_customer")]

    operations = [
        migrations.RemoveConstraint("metricversion", "metric_version_scale_is_1_or_100"),
        migrations.AlterField(
            "metricversion",
            "scale",
            models.PositiveSmallIntegerField(
                default=1, help_text="100 for a percentage; 12, 52 for what is told as of a year."
            ),
        ),
        migrations.AddConstraint(
            "metricversion",
            models.CheckConstraint(
                condition=models.Q(("scale__in", [1, 4, 12, 52, 100, 400, 1200, 5200])),
                name="metric_version_scale_is_known",
            ),
        ),
    ]
