"""A file of contracts; sent again, it brings what has changed: an end, another fee."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from customers.imports.facts.bringing import Brought, bring, has_changed, put
from customers.imports.facts.sheet import Cells, Columns, Sheet, UnusableRow
from customers.models import Contract, Customer, Department, Source, SourceRecord
from customers.models.contract import LONGEST_TERM

COLUMNS = Columns(
    names={
        "customer": "customer customerid customercode customerno custno client clientid accountid",
        "number": "number contract contractno contractnumber contractid subscriptionid policyno",
        "start": "startedon start startdate begin beginson since from",
        "term": "termmonths term months contractmonths",
        "fee": "feeamonth fee monthlyfee monthlycharges monthlycharge price",
        "end": "endedon end enddate until cancelledon",
        "margin": "margin",
    },
    needed=("customer", "number", "start", "term", "fee"),
    days=("start", "end"),
    numbers=("term", "fee", "margin"),
)
KEY = ("record_id", "number")
VALUES = ("started_on", "ended_on", "term_months", "fee", "margin")


@dataclass(frozen=True, slots=True)
class ContractRow:
    customer: str
    number: str
    started_on: date
    ended_on: date | None
    term_months: int
    fee: Decimal
    margin: Decimal | None


def import_contracts(path: Path, *, source_name: str, department: Department) -> Brought:
    """Store the contracts of a file. A customer whom the source has not named before is new, and
    looked after by this department. Raises UnreadableFile."""
    sheet = Sheet(path, COLUMNS)
    source, _ = Source.objects.get_or_create(name=source_name)

    def store(rows: list[ContractRow]) -> Counter[str]:
        Source.objects.hold(source.pk)
        records = _records_for(source, department, {row.customer for row in rows})
        outcomes = put((_contract(row, records[row.customer]) for row in rows), KEY, VALUES)
        if has_changed(outcomes):
            Source.objects.count_change(source.pk)
        return outcomes

    return bring(sheet, _read, lambda row: (row.customer, row.number), store)


def _read(cells: Cells) -> ContractRow:
    started, ended = cells.moment("start"), cells.moment("end")
    term, fee = cells.quantity("term"), cells.money("fee")
    if started is None:
        raise UnusableRow("The row has no start.")
    if ended and ended.day < started.day:
        raise UnusableRow("The contract ends before it starts.")
    if term is None or term != int(term) or not 1 <= term <= LONGEST_TERM:
        raise UnusableRow(f"The term is whole months, 1 to {LONGEST_TERM}.")
    if fee is None:
        raise UnusableRow("The row has no fee.")
    return ContractRow(
        customer=cells.code("customer", Customer._meta.get_field("code").max_length),
        number=cells.code("number", Contract._meta.get_field("number").max_length),
        started_on=started.day,
        ended_on=ended and ended.day,
        term_months=int(term),
        fee=fee,
        margin=cells.share("margin"),
    )


def _contract(row: ContractRow, record: int) -> Contract:
    return Contract(
        record_id=record,
        number=row.number,
        started_on=row.started_on,
        ended_on=row.ended_on,
        term_months=row.term_months,
        fee=row.fee,
        margin=row.margin,
    )


def _records_for(source: Source, department: Department, keys: set[str]) -> dict[str, int]:
    """key -> pk of the source record, made with its customer where there was none."""
    known = SourceRecord.objects.filter(source=source, key__in=keys)
    records = dict(known.values_list("key", "pk"))
    customers = Customer.objects.bulk_create(
        Customer(code=key, department=department) for key in sorted(keys - records.keys())
    )
    made = SourceRecord.objects.bulk_create(
        SourceRecord(source=source, key=customer.code, customer=customer) for customer in customers
    )
    return records | {record.key: record.pk for record in made}
