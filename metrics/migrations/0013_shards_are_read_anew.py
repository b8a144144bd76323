"""Purchases of shards are kept in another form. A valuation that was running when this came finds
no tasks when its lease is over, and begins anew."""

from django.db import migrations


def read_anew(apps, schema_editor):
    apps.get_model("metrics", "Shard").objects.all().delete()
    tasks = apps.get_model("metrics", "ShardTask").objects
    tasks.filter(valuation__status__in=["waiting", "running"]).delete()


class Migration(migrations.Migration):
    dependencies = [("metrics", "0012_when_holes_and_signers_were_told")]
    operations = [migrations.RunPython(read_anew, migrations.RunPython.noop)]
