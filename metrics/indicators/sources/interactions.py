"""What else happened with customers and prospects: each kind of interaction by its own day."""

from typing import Any

from django.db.models import (
    Case,
    CharField,
    Exists,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from customers.models import Interaction
from metrics.indicators.periods import Period
from metrics.indicators.sources.kinds import (
    Days,
    Field,
    Hours,
    Kind,
    Reach,
    Source,
    Table,
    truth,
)

One = Interaction.Kind
Outcome = Interaction.Outcome
CONTACTS = (One.TICKET, One.CALL, One.VISIT, One.OFFER)
REPEATED_WITHIN = 7
PROMOTES_FROM, DETRACTS_UP_TO = 90, 60
PROMISED, HAPPENED = "due_on", "happened_on"

IS_LATE = Q(done_on__gt=F("due_on")) | Q(done_on__isnull=True)
PERSON = Coalesce(
    NullIf("prospect", Value("")),
    Concat(Value("#"), Cast("record__customer", CharField())),
    output_field=CharField(),
)


def _repeats() -> Exists:
    """The same customer came with the same topic once more within a week."""
    later = Interaction.objects.filter(
        record=OuterRef("record"),
        kind=OuterRef("kind"),
        topic=OuterRef("topic"),
        happened_at__gt=OuterRef("happened_at"),
    )
    gap = Days(OuterRef("happened_on"), "happened_on")
    return Exists(later.annotate(gap=gap).filter(gap__lte=REPEATED_WITHIN))


FIELDS: dict[str, tuple[Field, Q | Expression | F | None]] = {
    "customer": (Field("customers", Kind.NAME), F("record__customer")),
    "person": (Field("people, customers or prospects", Kind.NAME), PERSON),
    "cost": (Field("cost", Kind.MONEY), None),
    "is_late": (Field("was late", Kind.TRUTH, denied="was in time"), IS_LATE),
    "is_done": (
        Field("was done", Kind.TRUTH, denied="was not done"),
        Q(done_on__isnull=False),
    ),
    "days_to_refund": (
        Field("days to the refund", Kind.DAYS, "days"),
        Days("happened_on", "done_on"),
    ),
    "is_closed": (
        Field("was closed", Kind.TRUTH, denied="was not closed"),
        Q(done_at__isnull=False),
    ),
    "hours_to_close": (
        Field("hours until it was closed", Kind.HOURS, "hours"),
        Hours("happened_at", "done_at"),
    ),
    "is_answered": (
        Field("was answered", Kind.TRUTH, denied="was not answered"),
        Q(answered_at__isnull=False),
    ),
    "hours_to_answer": (
        Field("hours until the first answer", Kind.HOURS, "hours"),
        Hours("happened_at", "answered_at"),
    ),
    "is_reopened": (
        Field("was reopened", Kind.TRUTH, denied="was not reopened"),
        Q(outcome=Outcome.REOPENED),
    ),
    "is_repeated": (
        Field("came again within a week", Kind.TRUTH, denied="did not come again within a week"),
        _repeats(),
    ),
    "is_complaint": (
        Field("is a complaint", Kind.TRUTH, denied="is not a complaint"),
        Q(topic="complaint"),
    ),
    "is_save": (
        Field("is to keep a customer at risk", Kind.TRUTH, denied="is of another kind"),
        Q(topic="save"),
    ),
    "is_in_time": (
        Field("was in time", Kind.TRUTH, denied="was late or never done"),
        Q(done_on__isnull=False, done_on__lte=F("due_on")),
    ),
    "is_corrected": (
        Field("was corrected", Kind.TRUTH, denied="was right"),
        Q(outcome=Outcome.CORRECTED),
    ),
    "is_flagged": (
        Field("failed a check before it was sent", Kind.TRUTH, denied="passed the check"),
        Q(is_flagged=True),
    ),
    "is_record_told": (
        Field(
            "tells whether the whole record was on the screen",
            Kind.TRUTH,
            denied="does not tell whether the whole record was on the screen",
        ),
        Q(is_record_shown__isnull=False),
    ),
    "is_record_shown": (
        Field(
            "had the whole record on the screen",
            Kind.TRUTH,
            denied="had not the whole record on the screen",
        ),
        Q(is_record_shown=True),
    ),
    "score": (Field("score from 0 to 100", Kind.NUMBER, "points"), None),
    "is_satisfaction": (
        Field("asks for satisfaction", Kind.TRUTH, denied="asks for something else"),
        Q(topic="satisfaction"),
    ),
    "is_recommend": (
        Field("asks for a recommendation", Kind.TRUTH, denied="asks for something else"),
        Q(topic="recommend"),
    ),
    "is_promoter": (
        Field("would recommend us", Kind.TRUTH, denied="would not clearly recommend us"),
        Q(topic="recommend", score__gte=PROMOTES_FROM),
    ),
    "is_detractor": (
        Field("would warn of us", Kind.TRUTH, denied="would not warn of us"),
        Q(topic="recommend", score__lte=DETRACTS_UP_TO),
    ),
    "promoter_points": (
        Field("1 who would recommend, -1 who would warn, else 0", Kind.NUMBER),
        Case(
            When(topic="recommend", score__gte=PROMOTES_FROM, then=1),
            When(topic="recommend", score__lte=DETRACTS_UP_TO, then=-1),
            default=0,
        ),
    ),
    "is_accepted": (
        Field("was accepted", Kind.TRUTH, denied="was not accepted"),
        Q(outcome=Outcome.ACCEPTED),
    ),
    "is_paid": (
        Field("led to a paid order", Kind.TRUTH, denied="led to no paid order"),
        Q(outcome=Outcome.PAID),
    ),
    "is_engaged": (
        Field("did more than look", Kind.TRUTH, denied="only looked"),
        Q(outcome__in=[Outcome.ENGAGED, Outcome.TRIAL]),
    ),
    "is_trial": (
        Field("began a trial", Kind.TRUTH, denied="began no trial"),
        Q(outcome=Outcome.TRIAL),
    ),
}


def _source(label: str, kinds: tuple[One, ...], names: str, **values: Any) -> Source:
    """A source of these kinds of interactions. names: of FIELDS; values: what differs of it."""
    day = values.pop("day", HAPPENED)
    found = {name: FIELDS[name] for name in names.split()}
    columns = {
        # An annotation may not have the name of a column of the table
        f"said_{name}": truth(how) if isinstance(how, Q) else how
        for name, (_, how) in found.items()
        if how is not None
    }
    only = values.pop("only", Q())

    def rows(period: Period) -> list[QuerySet]:
        is_any = len(kinds) == len(One)
        of_kind = Q(kind=kinds[0]) if len(kinds) == 1 else Q() if is_any else Q(kind__in=kinds)
        own = Interaction.objects.filter(of_kind, only, **{f"{day}__range": period})
        return [own.annotate(**columns)]

    def of_each_kind(period: Period) -> list[QuerySet]:
        own = Interaction.objects.filter(only, **{f"{day}__range": period})
        return [own.filter(kind=kind) for kind in kinds]

    fields = {
        name: Field(
            field.label,
            field.kind,
            field.unit,
            field.denied,
            column=f"said_{name}" if how is not None else "",
        )
        for name, (field, how) in found.items()
    }
    facts = frozenset(kinds)
    return Source(
        label, fields, Table(rows, day, of_each_kind), facts, is_open_ended=True, **values
    )


INTERACTIONS = {
    "deliveries": _source(
        "deliveries due", (One.DELIVERY,), "is_late is_done customer cost", day=PROMISED
    ),
    "dispatches": _source(
        "dispatches due", (One.DISPATCH,), "is_late is_done customer", day=PROMISED
    ),
    "returns": _source("returns asked for", (One.RETURN,), "days_to_refund is_done customer cost"),
    "defects": _source("product defects", (One.DEFECT,), "customer cost"),
    "tickets": _source(
        "tickets opened",
        (One.TICKET,),
        "hours_to_close is_closed is_answered hours_to_answer is_reopened is_repeated"
        " is_complaint is_record_told is_record_shown customer cost",
        reach=Reach(before=REPEATED_WITHIN),
    ),
    "calls": _source(
        "calls",
        (One.CALL,),
        "is_save is_in_time is_done is_record_told is_record_shown customer cost",
    ),
    "invoices": _source("invoices sent", (One.INVOICE,), "is_corrected is_flagged customer"),
    "surveys": _source(
        "surveys answered",
        (One.SURVEY,),
        "score is_satisfaction is_recommend is_promoter is_detractor promoter_points customer",
        only=Q(score__isnull=False),
    ),
    "offers": _source("offers made", (One.OFFER,), "is_accepted customer person"),
    "referrals": _source("referrals", (One.REFERRAL,), "is_paid customer"),
    "visits": _source("visits", (One.VISIT,), "is_engaged is_trial person customer"),
    "installs": _source("app installs", (One.INSTALL,), "person customer"),
    "notices": _source("notices of leaving", (One.NOTICE,), "customer"),
    "contacts": _source(
        "contacts: tickets, calls, visits, offers",
        CONTACTS,
        "is_record_told is_record_shown customer person",
    ),
    "serving": _source(
        "interactions of known cost",
        tuple(One),
        "cost customer",
        only=Q(cost__isnull=False),
    ),
}
