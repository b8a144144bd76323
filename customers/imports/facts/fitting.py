"""Which facts an interaction of each kind can have, and the words that systems use for them."""

from datetime import date

from django.db.models import TextChoices

from customers.imports.facts.sheet import UnusableRow
from customers.imports.notation.reasons import Reason
from customers.models import Interaction

Kind, Outcome = Interaction.Kind, Interaction.Outcome

KIND_OF_WORD = {
    word: str(kind.value)
    for kind, words in {
        Kind.DISPATCH: "dispatch,dispatched,shipment,shipping",
        Kind.DELIVERY: "delivery,delivered",
        Kind.RETURN: "return,returned,refund",
        Kind.DEFECT: "defect,product defect",
        Kind.TICKET: "ticket,case,complaint,trouble report",
        Kind.CALL: "call,phone call",
        Kind.INVOICE: "invoice,bill",
        Kind.SURVEY: "survey,survey answer",
        Kind.OFFER: "offer,quote",
        Kind.REFERRAL: "referral",
        Kind.VISIT: "visit,session",
        Kind.INSTALL: "install,app install",
        Kind.NOTICE: "notice,notice of leaving,cancellation,account closed,closure,termination",
        Kind.OTHER: "other",
    }.items()
    for word in words.split(",")
}
OUTCOME_OF_WORD = {
    word: str(outcome.value)
    for outcome, words in {
        Outcome.REOPENED: "reopened,reopen,re-opened,opened again",
        Outcome.CORRECTED: "corrected,correction,credited,credit note,reissued,re-issued",
        Outcome.ACCEPTED: "accepted,taken,won,sold",
        Outcome.DECLINED: "declined,refused,rejected,lost",
        Outcome.ENGAGED: "engaged,engagement",
        Outcome.TRIAL: "trial,trial started,trialled",
        Outcome.PAID: "paid,paid order,converted",
    }.items()
    for word in words.split(",")
}
# What the days of a row say better: a word for them is read over.
LATE = {"late", "overdue", "delayed", "missed", "behind schedule"}
SAID_BY_DAYS = {
    *LATE,
    *("on time", "on-time", "open", "new", "pending", "waiting", "in progress", "in transit"),
    *("shipped", "dispatched", "delivered", "done", "closed", "resolved", "solved", "completed"),
    *("complete", "refunded", "reached", "not reached", "answered", "returned", "viewed"),
    *("sent", "issued", "made", "installed"),
}
OUTCOMES = {
    Kind.TICKET: {Outcome.REOPENED},
    Kind.DEFECT: {Outcome.REOPENED},
    Kind.INVOICE: {Outcome.CORRECTED},
    Kind.OFFER: {Outcome.ACCEPTED, Outcome.DECLINED},
    Kind.CALL: {Outcome.ACCEPTED, Outcome.DECLINED},
    Kind.VISIT: {Outcome.ENGAGED, Outcome.TRIAL},
    Kind.INSTALL: {Outcome.ENGAGED, Outcome.TRIAL},
    Kind.REFERRAL: {Outcome.PAID},
}
NO_PROSPECT = "Only visits, installs and offers are with a prospect; {it} is with a customer."
NO_SCORE = "Only a survey has a score, and this is {it}."
NO_FLAG = "Only an invoice is flagged by a check, and this is {it}."
NO_RECORD = "The customer's record is on the screen at a ticket or a call, and this is {it}."
NO_REFERRED = "Only a referral brings another customer, and this is {it}."
ITSELF = "A referral brings somebody else, not the same customer."
NO_OUTCOME = "The outcome of {it} is never {outcome}."
NO_PROMISE = "There is no promised day of {it}."
PROMISED_BEFORE = "It was promised for a day before it happened."
NOT_LATE = "The row calls it late, and its promised day and the day it was done do not."
WITHOUT_PROMISE = {Kind.SURVEY, Kind.REFERRAL, Kind.VISIT, Kind.INSTALL, Kind.NOTICE}


def outcome_of(text: str, fact: TextChoices) -> str:
    """Our word for an outcome; empty where the days of the row say the same."""
    word = text.casefold().replace("_", " ")
    if not word or word in SAID_BY_DAYS:
        return ""
    if word not in OUTCOME_OF_WORD:
        known = ", ".join(Outcome.values)
        sentence = f"There is no outcome {text}. The outcomes are {known}."
        raise UnusableRow(sentence, fact, Reason.UNKNOWN_WORD)
    return OUTCOME_OF_WORD[word]


def check_fit(it: Interaction, status: str, today: date) -> None:
    """Raise UnusableRow where the facts do not go with the kind or with each other."""
    for sentence, is_so in (
        (NO_PROSPECT, it.prospect and it.kind not in Interaction.MADE_BY_PROSPECTS),
        (NO_SCORE, it.score is not None and it.kind != Kind.SURVEY),
        (NO_FLAG, it.is_flagged is not None and it.kind != Kind.INVOICE),
        (NO_RECORD, it.is_record_shown is not None and it.kind not in (Kind.TICKET, Kind.CALL)),
        (NO_REFERRED, it.referred_id and it.kind != Kind.REFERRAL),
        (ITSELF, it.referred_id and it.referred_id == it.record_id),
        (NO_OUTCOME, it.outcome and it.outcome not in OUTCOMES.get(it.kind, ())),
        (NO_PROMISE, it.due_on and it.kind in WITHOUT_PROMISE),
        (PROMISED_BEFORE, it.due_on and it.due_on < it.happened_on),
        (NOT_LATE, status.casefold() in LATE and not _is_late(it, today)),
    ):
        if is_so:
            name = f"{'an' if it.kind[0] in 'aeiou' else 'a'} {it.get_kind_display().lower()}"
            raise UnusableRow(sentence.format(it=name, outcome=it.outcome))


def _is_late(it: Interaction, today: date) -> bool:
    return it.due_on is not None and (it.done_on or today) > it.due_on
