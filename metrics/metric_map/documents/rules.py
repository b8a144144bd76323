"""What a whole document has to hold to before it is published, and what only deserves a look."""

from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from customers.models import Company, User
from metrics.indicators.counting import Counted, Way
from metrics.indicators.declaration import MEDIAN_STANDS_ALONE
from metrics.indicators.formula import UnusableFormula, names_in, problem_of_units
from metrics.indicators.sources import SOURCES, Kind
from metrics.metric_map.documents.entries import PEOPLE, LinkEntry, MapDocument, MetricEntry
from metrics.metric_map.documents.graph import graph_of
from metrics.metric_map.rules import BrokenRule, rules_broken_by_map
from metrics.metric_map.words import enumerated, within
from metrics.metric_map.worth.driver_steps import times_a_year
from metrics.models import Link, Measure, Metric

MOST_A_PERSON = 7
SHORTEST_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90}
AN_ADDRESS = "new"
STAFF_SOURCE = "staff"
Control = Metric.Control


def refusals(document: MapDocument) -> list[BrokenRule]:
    """The rules that the document breaks; while there is one, it cannot be published.

    Five queries, for any size.
    """
    found = list(_ends_missing(document))
    for entry in document.metrics.values():
        found += broken_by_entry(document, entry)
    for link in document.links.values():
        found += [*broken_by_delay(document, link), *_kept_over_no_time(document, link)]
    found += [*_names_taken(document), *_formula_circles(document), *_strangers(document)]
    found += _too_many_a_person(document)
    return [*found, *rules_broken_by_map(graph_of(document))]


def warnings(document: MapDocument) -> list[BrokenRule]:
    """What deserves a look, and stops nobody. Two queries."""
    today = Company.objects.today()
    working = set(User.objects.working().values_list("email", flat=True))
    entries = document.metrics.values()
    found = []
    if nobody := [entry.name for entry in entries if not entry.owner]:
        found.append(BrokenRule("owner", f"Without an owner: {enumerated(nobody)}."))
    for entry in entries:
        if entry.owner and entry.owner not in working:
            sentence = f"The owner of {within(entry.name)}, {entry.owner}, works here no more."
            found.append(BrokenRule("owner", sentence))
        if entry.review_on and entry.review_on < today:
            sentence = f"{entry.name} was to be reviewed on {entry.review_on:%d %b %Y}."
            found.append(BrokenRule("review_on", sentence))
    for link in document.links.values():
        if link.expires_on and link.expires_on < today:
            about = _told(document, link)
            found.append(BrokenRule("expires_on", f"{about} has to be looked at anew."))
    return found


def broken_by_entry(document: MapDocument, entry: MetricEntry) -> list[BrokenRule]:
    """The rules that this metric breaks by itself, in this map."""
    return [broken for rule in METRIC_RULES for broken in rule(document, entry)]


def broken_by_delay(document: MapDocument, link: LinkEntry) -> Iterator[BrokenRule]:
    """A delay is told in whole periods of the lower metric, or it is the same period.

    Of a metric that nobody measures yet, the periods are not known either.
    """
    child = document.metrics.get(link.child)
    counting = child.counting if child else None
    if link.kind == "identity" or counting is None or counting.way == Way.AWAITED:
        return
    shortest = SHORTEST_DAYS[counting.grain]
    if 0 < link.lag_days < shortest:
        yield BrokenRule(
            "lag_days",
            f"{_told(document, link)}: {child.name} is told each {counting.grain}, so a delay of"
            f" {link.lag_days} days cannot be seen. Make it 0, the same period, or {shortest} and"
            " more.",
        )


def _kept_over_no_time(document: MapDocument, link: LinkEntry) -> Iterator[BrokenRule]:
    """A step at the top is a point of twelve-month retention: a retention has to say its time."""
    child = document.metrics.get(link.child)
    is_kept = link.driver == Link.Driver.KEEP and link.kind != Link.Kind.RISK
    if child and child.counting and is_kept and times_a_year(child.counting.unit) is None:
        yield BrokenRule(
            "driver",
            f"{_told(document, link)}: what is kept counts by the year, and the unit of"
            f" {within(child.name)}, “{child.counting.unit}”, does not say over which time it is"
            " told. Write it there, as in “% a year” or “% a month”.",
        )


def _ends_missing(document: MapDocument) -> Iterator[BrokenRule]:
    for link in document.links.values():
        for field, key in (("child", link.child), ("parent", link.parent)):
            if key not in document.metrics:
                told = _told(document, link)
                yield BrokenRule(field, f"{told}: there is no metric “{key}”.")
        if link.child == link.parent:
            yield BrokenRule("parent", f"{_told(document, link)}: a metric cannot lead to itself.")
        parent = document.metrics.get(link.parent)
        if link.driver and parent and parent.level != Metric.Level.BOARD:
            sentence = f"{_told(document, link)}: only links to the top have a driver."
            yield BrokenRule("driver", sentence)


def _key_is_an_address(document: MapDocument, entry: MetricEntry) -> Iterator[BrokenRule]:
    if entry.key == AN_ADDRESS:
        yield BrokenRule("key", f"“{AN_ADDRESS}” is an address of its own. Choose another key.")


def _counter_is_missing(document: MapDocument, entry: MetricEntry) -> Iterator[BrokenRule]:
    if entry.counter_metric == entry.key:
        sentence = f"{entry.name} cannot be its own counter-metric."
        yield BrokenRule("counter_metric", sentence)
    elif entry.counter_metric and entry.counter_metric not in document.metrics:
        sentence = (
            f"The counter-metric of {within(entry.name)}, “{entry.counter_metric}”, is no metric."
        )
        yield BrokenRule("counter_metric", sentence)


def _target_without_control(document: MapDocument, entry: MetricEntry) -> Iterator[BrokenRule]:
    if (entry.target is None) != (entry.target_on is None):
        sentence = f"{entry.name}: a target needs its day, and a day its target."
        yield BrokenRule("target_on", sentence)
    if entry.target is None or entry.watch_note.strip():
        return
    if entry.control == Control.NONE:
        yield BrokenRule(
            "target", f"{entry.name} has a target, and nobody controls it: say why in a note."
        )
    elif not entry.actions:
        yield BrokenRule(
            "target",
            f"{entry.name} has a target, and no action of its owner is named: name one, or say in"
            " a note why there is none.",
        )


def _watched_without_a_note(document: MapDocument, entry: MetricEntry) -> Iterator[BrokenRule]:
    if entry.owner and entry.control == Control.NONE and not entry.watch_note.strip():
        yield BrokenRule(
            "watch_note", f"The owner of {within(entry.name)} can only watch it: say why in a note."
        )


def _staff_one_by_one(document: MapDocument, entry: MetricEntry) -> Iterator[BrokenRule]:
    sides = _sides(entry)
    if entry.sensitive == Metric.Sensitive.STAFF:
        others = sorted({side.source for _, side in sides} - {STAFF_SOURCE})
        if others:
            yield BrokenRule(
                "sensitive",
                f"{entry.name} is about staff, so it is counted in groups only: from"
                f" “{STAFF_SOURCE}”, not from {enumerated(others)}.",
            )


def _cannot_be_counted(document: MapDocument, entry: MetricEntry) -> Iterator[BrokenRule]:
    sides = _sides(entry)
    if len(sides) > 1 and any(one.aggregate == Measure.Aggregate.MEDIAN for _, one in sides):
        yield BrokenRule(Measure.Side.DENOMINATOR, f"{entry.name}: {MEDIAN_STANDS_ALONE}")
    for side, counted in sides:
        if problem := _problem_of(counted):
            yield BrokenRule(side, f"{entry.name}: {problem}")


def _formula_is_wrong(document: MapDocument, entry: MetricEntry) -> Iterator[BrokenRule]:
    counting = entry.counting
    if counting is None or not counting.formula:
        return
    try:
        names = names_in(counting.formula)
    except UnusableFormula as wrong:
        yield BrokenRule("formula", f"{entry.name}: {wrong}")
        return
    if unknown := [name for name in names if name not in document.metrics]:
        yield BrokenRule(
            "formula", f"{entry.name}: there is no metric {enumerated(unknown)} for its formula."
        )
    units = {
        name: document.metrics[name].counting.unit
        for name in names
        if name in document.metrics and document.metrics[name].counting
    }
    known = len(units) == len(names)
    if known and (problem := problem_of_units(counting.formula, units, counting.unit)):
        yield BrokenRule("formula", f"{entry.name}: {problem}")


def _names_taken(document: MapDocument) -> Iterator[BrokenRule]:
    names = Counter(entry.name for entry in document.metrics.values())
    for name in sorted(name for name, times in names.items() if times > 1):
        yield BrokenRule("name", f"{names[name]} metrics are called {name}.")
    gone = Metric.objects.exclude(retired_on=None).exclude(key__in=list(document.metrics))
    for key, name in gone.filter(name__in=names).values_list("key", "name"):
        yield BrokenRule(
            "name",
            f"A retired metric, {key}, is called {name}: take its key to bring it back, or"
            " another name.",
        )


def _formula_circles(document: MapDocument) -> Iterator[BrokenRule]:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for key, entry in document.metrics.items():
        try:
            named = names_in(entry.counting.formula) if _has_formula(entry) else []
        except UnusableFormula:
            named = []
        sorter.add(key, *named)
    try:
        sorter.prepare()
    except CycleError as error:
        around = " → ".join(error.args[1])
        yield BrokenRule("formula", f"Formulas run in a circle: {around}.")


def _strangers(document: MapDocument) -> Iterator[BrokenRule]:
    wanted = {
        getattr(entry, name): name for entry in document.metrics.values() for name in PEOPLE
    } | {link.asserted_by: None for link in document.links.values()}
    wanted.pop("", None)
    here = set(User.objects.filter(email__in=wanted).values_list("email", flat=True))
    for email in sorted(wanted.keys() - here):
        yield BrokenRule(wanted[email], f"Nobody here has the e-mail {email}.")


def _too_many_a_person(document: MapDocument) -> Iterator[BrokenRule]:
    owned = Counter(entry.owner for entry in document.metrics.values() if entry.owner)
    for email, number in sorted(owned.items()):
        if number > MOST_A_PERSON:
            yield BrokenRule(
                "owner", f"{email} owns {number} metrics; nobody watches more than {MOST_A_PERSON}."
            )


def _problem_of(counted: Counted) -> str:
    """What its source does not offer, in a sentence; "" where it can be counted."""
    source = SOURCES.get(counted.source)
    if source is None:
        return f"there is no source “{counted.source}”."
    named = [name for name in (counted.field, *(field for field, _, _ in counted.where)) if name]
    if unknown := [name for name in named if name not in source.fields]:
        return f"there is no field {enumerated(unknown)} in {source.label}."
    field = source.fields.get(counted.field)
    if field and counted.aggregate == Measure.Aggregate.SUM and not field.kind.adds_up:
        return f"“{field.label}” cannot be added up."
    if field and counted.aggregate == Measure.Aggregate.MEDIAN and not field.kind.has_middle:
        return f"“{field.label}” has no median."
    for name, _, _ in counted.where:
        if source.fields[name].kind is Kind.NAME:
            return f"“{source.fields[name].label}” cannot be compared."
    return ""


def _sides(entry: MetricEntry) -> list[tuple[str, Counted]]:
    if entry.counting is None:
        return []
    sides = [(side, getattr(entry.counting, side)) for side in Measure.Side.values]
    return [(side, counted) for side, counted in sides if counted]


def _has_formula(entry: MetricEntry) -> bool:
    return entry.counting is not None and bool(entry.counting.formula)


def _told(document: MapDocument, link: LinkEntry) -> str:
    names = [
        within(document.metrics[key].name) if key in document.metrics else f"“{key}”"
        for key in (link.child, link.parent)
    ]
    return f"The link from {names[0]} to {names[1]}"


METRIC_RULES = (
    _key_is_an_address,
    _counter_is_missing,
    _target_without_control,
    _watched_without_a_note,
    _staff_one_by_one,
    _cannot_be_counted,
    _formula_is_wrong,
)
