"""A file of contracts; sent again, it brings what has changed: an end, another fee."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date

from django.db.models import QuerySet, TextChoices, Value
from django.db.models.functions import Concat

from customers.imports.columns import Columns
from customers.imports.facts.kind import Facts
from customers.imports.facts.sheet import Cells, UnusableRow, refuse_nothing
from customers.imports.strangers import remove_strangers
from customers.models import Contract, Customer, SourceRecord
from customers.models.facts.contract import LONGEST_TERM


class Fact(TextChoices):
    """A fact that a row of contracts can hold."""

    CUSTOMER = "customer", "Customer"
    NUMBER = "number", "Number"
    START = "start", "Start"
    TERM = "term", "Term"
    FEE = "fee", "Fee"
    END = "end", "End"
    MARGIN = "margin", "Margin"


COLUMNS = Columns(
    names={
        Fact.CUSTOMER: (
            "customer customerid customercode customerno custno client clientid accountid"
        ),
        Fact.NUMBER: "number contract contractno contractnumber contractid subscriptionid policyno",
        Fact.START: "startedon start startdate begin beginson since from",
        Fact.TERM: "termmonths term months contractmonths",
        Fact.FEE: "feeamonth fee monthlyfee monthlycharges monthlycharge price",
        Fact.END: "endedon end enddate until cancelledon",
        Fact.MARGIN: "margin",
    },
    needed=(Fact.CUSTOMER, Fact.NUMBER, Fact.START, Fact.TERM, Fact.FEE),
    days=(Fact.START, Fact.END),
    numbers=(Fact.TERM, Fact.FEE, Fact.MARGIN),
)
LONGEST_CODE = Customer._meta.get_field("code").max_length
LONGEST_NUMBER = Contract._meta.get_field("number").max_length


class Contracts(Facts):
    """A customer whom the source has not named before is new, and looked after by the upload's
    department."""

    columns = COLUMNS
    model = Contract
    values = ("started_on", "ended_on", "term_months", "fee", "margin")

    def read(self, cells: Cells) -> Contract:
        started, ended = cells.moment(Fact.START), cells.moment(Fact.END)
        term, fee = cells.quantity(Fact.TERM), cells.money(Fact.FEE)
        if started is None:
            refuse_nothing(Fact.START)
        if ended and ended.day < started.day:
            raise UnusableRow("The contract ends before it starts.", Fact.END)
        if term is None or term != int(term) or not 1 <= term <= LONGEST_TERM:
            raise UnusableRow(f"The term is whole months, 1 to {LONGEST_TERM}.", Fact.TERM)
        if fee is None:
            refuse_nothing(Fact.FEE)
        return Contract(
            record=SourceRecord(source=self.source, key=cells.code(Fact.CUSTOMER, LONGEST_CODE)),
            number=cells.code(Fact.NUMBER, LONGEST_NUMBER),
            started_on=started.day,
            ended_on=ended and ended.day,
            term_months=int(term),
            fee=fee,
            margin=cells.share(Fact.MARGIN),
        )

    def key_of(self, fact: Contract) -> tuple[Hashable, ...]:
        return fact.record.key, fact.number

    def like(self, facts: Sequence[Contract]) -> QuerySet:
        rows = Contract.objects.select_related("record").alias(said=Concat("number", Value("")))
        return rows.filter(
            record__in={fact.record_id for fact in facts} - {None},
            said__in={fact.number for fact in facts},
        )

    def day_of(self, fact: Contract) -> date:
        return fact.started_on

    def customer_of(self, fact: Contract) -> Hashable:
        return fact.record.key

    def settle(self, facts: Iterable[Contract]) -> set[str]:
        facts = list(facts)
        keys = {fact.record.key for fact in facts}
        known = SourceRecord.objects.filter(source=self.source, key__in=keys)
        records = {record.key: record for record in known}
        for fact in facts:
            fact.record = records.get(fact.record.key, fact.record)
        return keys - records.keys()

    def make_customers(self, facts: Sequence[Contract]) -> int:
        strangers = self.settle(facts)
        customers = Customer.objects.bulk_create(
            Customer(code=key, department=self.department) for key in sorted(strangers)
        )
        SourceRecord.objects.bulk_create(
            SourceRecord(source=self.source, key=customer.code, customer=customer)
            for customer in customers
        )
        if strangers:
            self.settle(facts)
        return len(customers)

    def forget(self, facts: Sequence[Contract]) -> None:
        remove_strangers({fact.record_id for fact in facts})
