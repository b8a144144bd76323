"""Brings the simulated company's facts through the doors that a real company's come through."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from clvsite.sample.tarnholm import tables
from clvsite.sample.tarnholm.interactions import interactions
from clvsite.simulated.facts import Facts
from customers.imports.loader import import_file
from customers.models import AcquisitionCost, Customer, Department, Upload

SOURCE = "Order system"
KINDS = {"trade": Customer.Kind.COMPANY, "retail": Customer.Kind.PERSON}
QUICKLY = {"method": "gzip", "compresslevel": 1}
AT_ONCE = 500

Say = Callable[[str], None]


def bring(facts: Facts, say: Say) -> None:
    """Store all facts. What is there already stays, so that a broken-off bringing can go on."""
    until = pd.Timestamp(facts.last_day).date()
    with TemporaryDirectory() as folder:
        file = _written(tables.purchases(facts), Path(folder) / "orders.csv.gz")
        say(f"Importing {len(facts.lines):,} order lines.")
        import_file(
            file,
            source_name=SOURCE,
            department=Department.objects.get(name="Service"),
            complete_until=until,
        )
        _tell_kinds(facts.customers)
        for name, table in interactions(facts).items():
            say(f"Importing {len(table):,} rows of the {name.replace('-', ' ')}.")
            file = _written(table, Path(folder) / f"{name}.csv.gz")
            import_file(file, source_name=SOURCE, holds=Upload.Holds.INTERACTIONS)
        staff = _written(tables.staff(facts), Path(folder) / "staff.csv.gz")
        import_file(staff, holds=Upload.Holds.STAFF)
        margins = _written(tables.margins(facts), Path(folder) / "margins.csv.gz")
        import_file(margins, holds=Upload.Holds.MARGINS)
    _spend(facts.acquisition)


def _written(table: pd.DataFrame, file: Path) -> Path:
    table.to_csv(file, index=False, compression=QUICKLY)
    return file


def _tell_kinds(customers: pd.DataFrame) -> None:
    for kind, ours in KINDS.items():
        codes = customers.loc[customers["kind"] == kind, "customer"].tolist()
        for start in range(0, len(codes), AT_ONCE):
            Customer.objects.filter(code__in=codes[start : start + AT_ONCE]).update(kind=ours)


def _spend(acquisition: pd.DataFrame) -> None:
    AcquisitionCost.objects.bulk_create(
        (
            AcquisitionCost(channel=row.channel, month=row.month.date(), amount=row.amount)
            for row in acquisition.itertuples()
        ),
        ignore_conflicts=True,
    )
