"""A file of interactions: what happened with customers whom a source knows, or with prospects."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import date, time

from django.db.models import QuerySet, TextChoices, Value
from django.db.models.functions import Concat

from customers.imports.columns import Columns
from customers.imports.facts.fitting import KIND_OF_WORD, check_fit, outcome_of
from customers.imports.facts.kind import Facts
from customers.imports.facts.sheet import Cells, UnusableRow
from customers.imports.notation.dates import Moment
from customers.imports.notation.reasons import Reason
from customers.imports.purchases.lines import hash_of
from customers.models import Change, Customer, Interaction, Source, SourceRecord, Upload


class Fact(TextChoices):
    """A fact that a row of interactions can hold."""

    CUSTOMER = "customer", "Customer"
    KIND = "kind", "Kind"
    DAY = "day", "Day"
    NUMBER = "number", "Number"
    DUE = "due", "Promised day"
    DONE = "done", "Day it was done"
    ANSWERED = "answered", "First answer"
    OUTCOME = "outcome", "Outcome"
    TOPIC = "topic", "Topic"
    SCORE = "score", "Score"
    DESCRIPTION = "description", "Description"
    CONSENT = "consent", "Consent to be quoted"
    FLAGGED = "flagged", "Check that failed"
    RECORD_SHOWN = "record_shown", "Whole record on the screen"
    COST = "cost", "Cost"
    PROSPECT = "prospect", "Prospect"
    REFERRED = "referred", "Referred customer"
    SITE = "site", "Site"


COLUMNS = Columns(
    names={
        Fact.CUSTOMER: (
            "customer customerid customercode customerno custno client clientid accountid referrer"
        ),
        Fact.KIND: "kind type interaction interactiontype what event eventtype",
        Fact.DAY: (
            "happenedon happenedat date day datetime openedat openedon opened createdat createdon"
            " created orderedon ordertakenon requestedon requestedat senton sentat askedon"
            " visitedon visitedat installedon installedat timestamp when time"
        ),
        Fact.NUMBER: (
            "number id key ticket ticketid ticketno deliveryid deliveryno shipmentid invoiceno"
            " invoiceid surveyid offerid returnid rma visitid sessionid reference"
        ),
        Fact.DUE: (
            "dueon due duedate dueby promised promisedon promisedfor promiseddate promisedat"
            " expectedon expected eta sladue"
        ),
        Fact.DONE: (
            "doneon doneat done delivered deliveredon deliveredat dispatchedon shippedon closedat"
            " closedon closed resolvedat resolvedon resolved refundedon refundedat refunded"
            " reachedon reachedat completedon completedat completed finishedon"
        ),
        Fact.ANSWERED: (
            "answeredat answeredon answered firstansweredat firstanswer firstresponseat"
            " firstresponse firstreplyat respondedat"
        ),
        Fact.OUTCOME: "outcome status result state",
        Fact.TOPIC: "topic category reason subjectarea cause",
        Fact.SCORE: "score rating satisfaction csat nps",
        Fact.DESCRIPTION: "description subject text note summary comment verbatim words answertext",
        Fact.CONSENT: "consent maybequoted mayquote quotable consenttoquote",
        Fact.FLAGGED: "flagged isflagged checkfailed failedcheck",
        Fact.RECORD_SHOWN: "recordshown isrecordshown recordcomplete completerecord",
        Fact.COST: "cost costs amount",
        Fact.PROSPECT: "prospect prospectid visitor visitorid lead leadid deviceid anonymousid",
        Fact.REFERRED: "referred referredcustomer referredcustomerid referredto friend broughtin",
        Fact.SITE: "site depot store shop branch location team",
    },
    needed=(Fact.KIND, Fact.DAY),
    days=(Fact.DAY, Fact.DUE, Fact.DONE, Fact.ANSWERED),
    numbers=(Fact.COST, Fact.SCORE),
)
LONGEST = {
    Fact.CUSTOMER: Customer._meta.get_field("code").max_length,
    Fact.REFERRED: Customer._meta.get_field("code").max_length,
    Fact.NUMBER: Interaction._meta.get_field("key").max_length,
    Fact.TOPIC: Interaction._meta.get_field("topic").max_length,
    Fact.DESCRIPTION: Interaction._meta.get_field("description").max_length,
    Fact.PROSPECT: Interaction._meta.get_field("prospect").max_length,
    Fact.SITE: Interaction._meta.get_field("site").max_length,
}


class Interactions(Facts):
    """By the source's codes of its customers; one of somebody whom it does not know is set aside.

    Where a row names a customer and a prospect, it happened with the customer. A row sent again
    is known by its number; one without a number by customer, kind, moment, cost and description,
    the n-th of equal ones in a file as the n-th of any other.
    """

    columns = COLUMNS
    model = Interaction
    values = (
        "referred_id",
        "happened_at",
        "happened_on",
        "due_on",
        "answered_at",
        "done_at",
        "done_on",
        "outcome",
        "topic",
        "site",
        "score",
        "is_flagged",
        "is_record_shown",
        "may_be_quoted",
        "cost",
        "description",
    )

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload)
        known = SourceRecord.objects.filter(source=upload.source, customer__isnull=False)
        self._records = dict(known.values_list("key", "pk").iterator())
        self._seen: Counter[int] = Counter()

    def read(self, cells: Cells) -> Interaction:
        kind = _kind(cells)
        moment = cells.past_moment(Fact.DAY) or cells.code(Fact.DAY, 40)
        who = self._with_whom(cells)
        cost = cells.money(Fact.COST)
        description = cells.text(Fact.DESCRIPTION, LONGEST[Fact.DESCRIPTION])
        done = _not_before(moment, cells.past_moment(Fact.DONE), Fact.DONE)
        answered = _not_before(moment, cells.past_moment(Fact.ANSWERED), Fact.ANSWERED)
        due = cells.moment(Fact.DUE)
        interaction = Interaction(
            kind=kind,
            happened_at=moment.at,
            happened_on=moment.day,
            due_on=due and due.day,
            done_at=done and done.at,
            done_on=done and done.day,
            answered_at=answered and answered.at,
            outcome=outcome_of(cells.text(Fact.OUTCOME, 40), Fact.OUTCOME),
            topic=cells.text(Fact.TOPIC, LONGEST[Fact.TOPIC]).lower(),
            site=cells.text(Fact.SITE, LONGEST[Fact.SITE]),
            score=cells.score(Fact.SCORE),
            is_flagged=cells.yes_or_no(Fact.FLAGGED),
            is_record_shown=cells.yes_or_no(Fact.RECORD_SHOWN),
            may_be_quoted=bool(cells.yes_or_no(Fact.CONSENT)),
            cost=cost,
            description=description,
            referred_id=self._record(cells, Fact.REFERRED),
            **who,
        )
        check_fit(interaction, cells.text(Fact.OUTCOME, 40), cells.notation.today)
        named = cells.text(Fact.CUSTOMER, LONGEST[Fact.CUSTOMER]) or who["prospect"]
        said = hash_of(named, kind, moment.local.isoformat(), cost, description)
        interaction.key = cells.text(Fact.NUMBER, LONGEST[Fact.NUMBER]) or self._unnumbered(said)
        return interaction

    def key_of(self, fact: Interaction) -> tuple[Hashable, ...]:
        return fact.record_id, fact.prospect, fact.kind, fact.key

    def like(self, facts: Sequence[Interaction]) -> QuerySet:
        """One question for customers and one for prospects: each has an index of its own."""
        known, strangers = [], []
        for fact in facts:
            (known if fact.record_id else strangers).append(fact)
        kinds, keys = {fact.kind for fact in facts}, {fact.key for fact in facts}
        # The key is looked for in what the index finds by record and kind: with the key too it
        # would be asked for every record with every key.
        rows = Interaction.objects.alias(said=Concat("key", Value(""))).filter(said__in=keys)
        rows = rows.filter(kind__in=kinds)
        of_known = rows.filter(record__in={fact.record_id for fact in known})
        prospects = {fact.prospect for fact in strangers}
        return of_known.union(rows.filter(record=None, prospect__in=prospects), all=True)

    def day_of(self, fact: Interaction) -> date:
        return fact.happened_on

    def customer_of(self, fact: Interaction) -> Hashable | None:
        return fact.record_id

    def note_change(self, facts: Iterable[Interaction]) -> None:
        Change.objects.mark_interactions(
            (fact.kind, fact.happened_on, fact.due_on) for fact in facts
        )
        Source.objects.count_marked_change(self.source.pk)

    def _with_whom(self, cells: Cells) -> dict[str, int | str | None]:
        record = self._record(cells, Fact.CUSTOMER)
        prospect = cells.text(Fact.PROSPECT, LONGEST[Fact.PROSPECT])
        if not record and not prospect:
            raise UnusableRow("The row has no customer.", Fact.CUSTOMER, Reason.NOT_SAID)
        return {"record_id": record, "prospect": "" if record else prospect}

    def _record(self, cells: Cells, fact: Fact) -> int | None:
        code = cells.text(fact, LONGEST[fact])
        if not code:
            return None
        if code not in self._records:
            sentence = f"{self.source.name} knows no customer {code}."
            raise UnusableRow(sentence, fact, Reason.UNKNOWN_CUSTOMER)
        return self._records[code]

    def _unnumbered(self, said: int) -> str:
        self._seen[said] += 1
        return f"#{said & (1 << 64) - 1:016x}-{self._seen[said]}"


def _kind(cells: Cells) -> str:
    text = cells.code(Fact.KIND, longest=40)
    if text.casefold() not in KIND_OF_WORD:
        known = ", ".join(Interaction.Kind.values)
        sentence = f"There is no kind {text}. The kinds are {known}."
        raise UnusableRow(sentence, Fact.KIND, Reason.UNKNOWN_WORD)
    return KIND_OF_WORD[text.casefold()]


def _not_before(began: Moment, moment: Moment | None, fact: Fact) -> Moment | None:
    """The moment; that of the beginning where only the same day is known of it."""
    if moment is None or moment.at >= began.at:
        return moment
    if moment.day == began.day and moment.local.time() == time():
        return began
    words = {Fact.DONE: "done", Fact.ANSWERED: "answered"}
    raise UnusableRow(f"It was {words[fact]} before it happened.", fact)
