"""A customer's value is known by valuation and customer; PostgreSQL checks both a statement at once.

Foreign keys look up every row of a million for itself, which took half of the time of storing them.
On PostgreSQL triggers keep the same promise for all rows of a statement together. Whoever writes
values shares a lock that whoever deletes customers has to wait for, and the other way round; the
few valuations are locked row by row, as a foreign key does. Both rely on read committed, in which
each query of a trigger sees what was committed before it.
"""

from django.db import migrations, models

BY_CUSTOMER = """
ALTER TABLE metrics_customervalue DROP CONSTRAINT one_value_per_customer_and_valuation;
ALTER TABLE metrics_customervalue DROP COLUMN id;
ALTER TABLE metrics_customervalue ADD PRIMARY KEY (valuation_id, customer_id);
DROP INDEX metrics_cus_valuati_eeb419_idx;
"""

AT_ONCE = """
CREATE FUNCTION customer_values_are_of_known_ones() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared('metrics_customervalue'::regclass::bigint);
    IF EXISTS (
        SELECT FROM written WHERE NOT EXISTS (
            SELECT FROM customers_customer WHERE id = customer_id
        )
    ) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a value is of no customer',
            CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM FROM metrics_valuation
        WHERE id IN (SELECT valuation_id FROM written) FOR KEY SHARE;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT valuation_id FROM written) AS distinct_ones
        WHERE NOT EXISTS (SELECT FROM metrics_valuation WHERE id = valuation_id)
    ) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a value is of no valuation',
            CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION what_has_customer_values_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    has_values boolean;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        has_values := EXISTS (SELECT FROM metrics_customervalue);
    ELSIF TG_TABLE_NAME = 'metrics_valuation' THEN
        has_values := EXISTS (
            SELECT FROM metrics_customervalue WHERE valuation_id IN (SELECT id FROM removed)
        );
    ELSE
        PERFORM pg_advisory_xact_lock('metrics_customervalue'::regclass::bigint);
        has_values := EXISTS (
            SELECT FROM metrics_customervalue WHERE customer_id IN (SELECT id FROM removed)
        );
    END IF;
    IF has_values THEN
        RAISE foreign_key_violation USING MESSAGE = 'customers'' values still refer to it',
            CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION what_has_customer_values_is_itself() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = 'a key that values may refer to does not change',
        CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER customer_value_is_of_known_ones
    AFTER INSERT ON metrics_customervalue REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION customer_values_are_of_known_ones();
CREATE TRIGGER customer_value_stays_of_known_ones
    AFTER UPDATE ON metrics_customervalue REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION customer_values_are_of_known_ones();
"""

STAYS = """
CREATE TRIGGER {table}_with_values_stays
    AFTER DELETE ON {table} REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION what_has_customer_values_stays();
CREATE TRIGGER {table}_with_values_keeps_its_id
    AFTER UPDATE OF id ON {table}
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION what_has_customer_values_is_itself();
CREATE TRIGGER {table}_with_values_is_not_emptied
    AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION what_has_customer_values_stays();
"""


def change(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BY_CUSTOMER)
        drop_foreign_keys(apps, schema_editor)
        schema_editor.execute(AT_ONCE)
        for table in ("customers_customer", "metrics_valuation"):
            schema_editor.execute(STAYS.format(table=table))
    else:
        make_anew(apps.get_model("metrics", "CustomerValue"), schema_editor)


def drop_foreign_keys(apps, schema_editor):
    """And the index on customers alone: whoever deletes some of them reads the values once."""
    table = apps.get_model("metrics", "CustomerValue")._meta.db_table
    with schema_editor.connection.cursor() as cursor:
        found = schema_editor.connection.introspection.get_constraints(cursor, table)
    for name, constraint in found.items():
        if constraint["foreign_key"]:
            schema_editor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        elif constraint["index"] and constraint["columns"] == ["customer_id"]:
            schema_editor.execute(f'DROP INDEX "{name}"')


def make_anew(CustomerValue, schema_editor):
    """SQLite cannot change a primary key."""
    table = CustomerValue._meta.db_table
    columns = ", ".join(f'"{field.column}"' for field in CustomerValue._meta.local_concrete_fields)
    schema_editor.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    schema_editor.create_model(CustomerValue)
    schema_editor.execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_before "
        "ORDER BY valuation_id, customer_id"
    )
    schema_editor.execute(f"DROP TABLE {table}_before")


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0004_metric_map"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(
                    "customervalue", "one_value_per_customer_and_valuation"
                ),
                migrations.RemoveIndex("customervalue", "metrics_cus_valuati_eeb419_idx"),
                migrations.RemoveField("customervalue", "id"),
                migrations.AlterField(
                    "customervalue",
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.deletion.CASCADE,
                        related_name="values",
                        to="customers.customer",
                    ),
                ),
                migrations.AddField(
                    "customervalue",
                    "pk",
                    models.CompositePrimaryKey(
                        "valuation_id",
                        "customer_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ]
        ),
        migrations.RunPython(change),
    ]
