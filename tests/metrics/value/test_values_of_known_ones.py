"""A value is always of a customer and a valuation that exist, also between two transactions."""

from threading import Thread

import numpy as np
import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from customers.models import Customer, Department
from metrics.models import CustomerValue, Valuation
from metrics.value.storage.writing import write_values
from tests.metrics.value.by_hand import TODAY

DELETE = "DELETE FROM customers_customer WHERE code = 'ann'"


@pytest.fixture
def ann(db):
    department, _ = Department.objects.get_or_create(name="Sales")
    return Customer.objects.create(code="ann", department=department)


@pytest.fixture
def waiting(db):
    terms = {"months": 12, "yearly_rate": "0.1", "margin": "0.3", "currency": "GBP", "changes": 0}
    made = Valuation.objects.create(purpose="asked", as_of=TODAY, status="waiting", **terms)
    return Valuation.objects.claim(made.pk)


def write(valuation, *customers):
    one = dict.fromkeys(("x", "t_x", "T", "mean_spend", "spent", "p_alive", "clv"), 0)
    one |= {"expected_purchases": 0.0, "expected_spend": 0.0}
    with transaction.atomic():
        write_values(valuation, {"customer_id": np.array(customers), **one})
        connection.check_constraints()


def run(sql, *parameters):
    """As another program would that knows nothing of models."""
    with transaction.atomic():
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
        connection.check_constraints()


def test_a_value_of_nobody_is_refused(waiting, ann):
    with pytest.raises(IntegrityError):
        write(waiting, ann.pk, ann.pk + 1)


def test_a_value_cannot_be_handed_to_nobody(waiting, ann):
    write(waiting, ann.pk)
    with pytest.raises(IntegrityError):
        run("UPDATE metrics_customervalue SET customer_id = %s", ann.pk + 1)
    with pytest.raises(IntegrityError):
        run("UPDATE metrics_customervalue SET valuation_id = %s", waiting.pk + 1)


@pytest.mark.parametrize("table", ["customers_customer", "metrics_valuation"])
def test_what_has_values_cannot_be_deleted_from_under_them(waiting, ann, table):
    write(waiting, ann.pk)
    with pytest.raises(IntegrityError):
        run(f"DELETE FROM {table}")
    CustomerValue.objects.all().delete()
    run(f"DELETE FROM {table}")


def test_a_customer_deleted_by_the_site_takes_the_values_along(waiting, ann):
    write(waiting, ann.pk)
    ann.delete()
    assert not CustomerValue.objects.exists()


@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["customers_customer", "metrics_valuation"])
def test_tables_that_have_values_cannot_be_emptied(waiting, ann, table):
    write(waiting, ann.pk)
    with pytest.raises(IntegrityError):
        run(f"TRUNCATE {table} CASCADE")


class Elsewhere(Thread):
    """Runs SQL in a connection of its own and keeps what it was told."""

    def __init__(self, sql):
        super().__init__()
        settings = connection.settings_dict
        names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER"}
        known = {name: settings[key] for name, key in names.items() if settings[key]}
        self.connection = psycopg.connect(**known, password=settings["PASSWORD"] or None)
        self.sql, self.error = sql, None

    def run(self):
        try:
            self.connection.execute(self.sql)
            self.connection.commit()
        except psycopg.Error as error:
            self.error = error
            self.connection.rollback()

    def waits(self):
        """Whether it comes to wait for a lock."""
        for _ in range(200):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_sleep(0.02), count(*) FROM pg_locks WHERE pid = %s AND NOT granted",
                    [self.connection.info.backend_pid],
                )
                if cursor.fetchone()[1]:
                    return True
        return False


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_deletes_a_customer_waits_for_the_values_being_written(waiting, ann):
    other = Elsewhere(DELETE)
    with transaction.atomic():
        write(waiting, ann.pk)
        other.start()
        assert other.waits()
    other.join()
    other.connection.close()
    assert isinstance(other.error, psycopg.errors.ForeignKeyViolation)
    assert CustomerValue.objects.count() == Customer.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_writes_values_waits_for_a_customer_being_deleted(waiting, ann):
    columns = [field for field in CustomerValue._meta.concrete_fields if not field.is_relation]
    zero = {"DateField": "NULL", "CharField": "''"}
    zeros = ", ".join(
        "NULL" if field.null else zero.get(field.get_internal_type(), "0") for field in columns
    )
    names = ", ".join(f'"{field.column}"' for field in columns)
    other = Elsewhere(
        f"INSERT INTO metrics_customervalue (valuation_id, customer_id, {names}) "
        f"VALUES ({waiting.pk}, {ann.pk}, {zeros})"
    )
    with transaction.atomic():
        ann.delete()
        other.start()
        assert other.waits()
    other.join()
    other.connection.close()
    assert isinstance(other.error, psycopg.errors.ForeignKeyViolation)
    assert not CustomerValue.objects.exists()
