"""What waits for a person: alerts to look at, and what others need of them, each with its door."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from customers.models import Company, User
from customers.policy import roles_of
from customers.templatetags.numbers import counted
from metrics.metric_map.agreement.signing import needed_for
from metrics.metric_map.alerts.handling import alerts_for
from metrics.models import Alert, CounterProposal, Dispute, MapEdition
from metrics.policy import (
    MAP_EDITORS,
    MAP_PUBLISHERS,
    data_requests_answered_by,
    data_requests_watched_by,
)

MOST_ALERTS = 50


class Task(NamedTuple):
    """A sentence, the name of the page where it is done, and what that page is called."""

    sentence: str
    page: str
    place: str


@dataclass(frozen=True)
class Waiting:
    """held_back: alerts beyond the month's budget."""

    alerts: list[Alert]
    held_back: list[Alert]
    tasks: list[Task]

    def __bool__(self) -> bool:
        return bool(self.alerts or self.held_back or self.tasks)


def waiting_for(user: User) -> Waiting:
    """The same number of queries for any number of alerts and metrics."""
    alerts = list(alerts_for(user).prefetch_related("expected__metric")[:MOST_ALERTS])
    return Waiting(
        alerts=[alert for alert in alerts if not alert.is_held_back],
        held_back=[alert for alert in alerts if alert.is_held_back],
        tasks=[*_of_the_agreement(user), *_of_the_map(user), *_of_data(user)],
    )


def _of_the_agreement(user: User) -> Iterator[Task]:
    """Signatures of one's own, those of others that are overdue, and what is signed by all."""
    edition = MapEdition.objects.open()
    if edition is None or edition.state != MapEdition.State.PROPOSED:
        return
    page = ("agreement-list", "Agreements")
    missing = [one for one in needed_for(edition) if one.signature is None]
    if own := sum(user in one.people for one in missing):
        yield Task(f"{counted(own, 'definition')} to sign.", *page)
    if overdue := sum(user in one.instead and user not in one.people for one in missing):
        said = counted(overdue, "signature is,signatures are")
        yield Task(f"{said} overdue: sign in their place, or ask for them.", *page)
    publishes = roles_of(user) & MAP_PUBLISHERS and edition.proposed_by_id != user.pk
    if publishes and not missing and _waits_only_to_be_published(edition):
        yield Task(f"{edition} is signed by all: publish it.", *page)


def _waits_only_to_be_published(edition: MapEdition) -> bool:
    """Whether nobody has confirmed it yet, and no counter-proposal to it is open."""
    open_ones = edition.counter_proposals.filter(state=CounterProposal.State.OPEN)
    return edition.confirmed_by_id is None and not open_ones.exists()


def _of_the_map(user: User) -> Iterator[Task]:
    """What map administrators have to answer."""
    if not roles_of(user) & MAP_EDITORS:
        return
    counters = CounterProposal.objects.filter(
        state=CounterProposal.State.OPEN, edition__state=MapEdition.State.PROPOSED
    )
    if open_ones := counters.count():
        said = counted(open_ones, "definition,definitions")
        yield Task(f"{said} that somebody would have otherwise.", "map-edit", "The edition")
    if disputes := Dispute.objects.filter(answered_at=None).count():
        said = counted(disputes, "dispute")
        yield Task(f"{said} about control to answer.", "dispute-list", "Disputes")


def _of_data(user: User) -> Iterator[Task]:
    """Requests that have no day yet, and promises whose day is over."""
    page = ("request-list", "Data requests")
    promised = data_requests_watched_by(user).filter(promised_on__lt=Company.objects.today())
    if late := promised.count():
        yield Task(f"{counted(late, 'promise of data is,promises of data are')} overdue.", *page)
    if asked := data_requests_answered_by(user).filter(promised_on=None).count():
        yield Task(f"{counted(asked, 'request')} for data of yours without a day.", *page)
