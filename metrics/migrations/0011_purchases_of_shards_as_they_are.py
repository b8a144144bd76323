"""PostgreSQL stores the purchases of a shard as they are sent: trying to compress numbers that are
packed already took twice as long as storing them."""

from django.db import migrations

STORED = "ALTER TABLE metrics_shard ALTER COLUMN histories SET STORAGE"


def as_they_are(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"{STORED} EXTERNAL")


def compressed(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"{STORED} EXTENDED")


class Migration(migrations.Migration):
    dependencies = [("metrics", "0010_holes_and_lapsed_signatures")]
    operations = [migrations.RunPython(as_they_are, compressed)]
