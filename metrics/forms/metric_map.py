"""Forms of the map editor: what a metric is, how it is counted, and what it leads to.

They change a draft. Ask is_valid() inside changing_map(): the rules are checked against the
draft as it is then.
"""

from dataclasses import replace

from django import forms

from customers.models import Department, User
from metrics.forms.counting import MeasureForm, VersionForm
from metrics.forms.empty import say_what_is_empty
from metrics.indicators.counting import Counting
from metrics.metric_map.changing.checking import broken_by_link, broken_by_metric
from metrics.metric_map.document import LinkEntry, MapDocument, MetricEntry
from metrics.models import Link, Measure, Metric, MetricVersion
from metrics.policy import people_who_open

NOBODY = "Nobody yet"
Way = MetricVersion.Way


class MetricForm(forms.ModelForm):
    """What a metric is. Its key stays once it is there: addresses and the API hang on it."""

    actions = forms.CharField(
        label="What its owner can do",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Without asking anybody; one a line. A metric that somebody controls needs one.",
    )
    counter = forms.ChoiceField(
        label="What would suffer",
        required=False,
        help_text="Its counter-metric: what gets worse if this one is chased blindly.",
    )

    class Meta:
        model = Metric
        fields = (
            *("name", "key", "description", "department", "level", "kind", "lever", "stage"),
            *("direction", "owner", "owner_title", "backup", "steward", "consumers"),
            *("control", "watch_note", "target", "target_on", "data_source", "sensitive"),
            "review_on",
        )
        labels = {
            "key": "Short name",
            "data_source": "Where its data are",
            "sensitive": "Whose data it tells",
            "kind": "What it is for",
            "lever": "Way to grow",
            "stage": "Stage of the customer’s journey",
            "direction": "What is better",
            "owner_title": "Owner by title",
            "backup": "Who stands in for the owner",
            "steward": "Data steward",
            "consumers": "Departments that steer by it",
            "review_on": "To be reviewed by",
            "control": "Who can move it",
            "watch_note": "Why somebody has it who can only watch it",
            "target_on": "To be reached by",
        }
        help_texts = {
            "name": "As people say it: Late deliveries.",
            "key": "For addresses and programs: late_deliveries. It cannot change later.",
            "description": "What is counted, in a sentence that a newcomer understands.",
            "level": "Board: the top. Front line: what somebody does with customers.",
            "lever": "Which of the three it serves; none for the total itself.",
            "consumers": "They sign its definition too.",
            "review_on": "After that day it shows as stale.",
            "control": "“You” is the department that owns it.",
            "watch_note": "Needed where nobody can move it.",
            "target_on": "A target needs its day.",
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "consumers": forms.CheckboxSelectMultiple,
            "target_on": forms.DateInput(attrs={"type": "date"}),
            "review_on": forms.DateInput(attrs={"type": "date"}),
        }

    EMPTY = {
        "department": "Choose",
        "level": "Choose",
        "lever": "None",
        "stage": "None",
        "direction": "Choose",
        "control": "Choose",
    }
    SECTIONS = (
        ("What it is", ("name", "key", "description", "data_source", "sensitive")),
        ("Where it stands", ("department", "level", "kind", "lever", "stage", "direction")),
        ("Whose it is", ("owner", "owner_title", "backup", "steward", "consumers", "review_on")),
        ("Who can move it", ("control", "actions", "watch_note")),
        ("Its target", ("target", "target_on", "counter")),
    )

    def __init__(self, data, document: MapDocument, stored: MetricEntry | None, initial):
        self.document, self.stored = document, stored
        super().__init__(data, initial=_shown(stored) if stored else initial)
        self.fields["key"].disabled = stored is not None
        say_what_is_empty(self)
        people = people_who_open("metric-page").order_by("name", "pk")
        for name in ("owner", "backup", "steward"):
            self.fields[name].queryset = people
            self.fields[name].to_field_name = "email"
            self.fields[name].empty_label = NOBODY
            self.fields[name].label_from_instance = User.get_full_name
        for name in ("department", "consumers"):
            self.fields[name].queryset = Department.objects.order_by("name")
            self.fields[name].to_field_name = "name"
        others = sorted(document.metrics.values(), key=lambda entry: entry.name)
        own = stored.key if stored else None
        self.fields["counter"].choices = [
            ("", "None yet"),
            *((entry.key, entry.name) for entry in others if entry.key != own),
        ]

    @property
    def sections(self):
        """Headings with their bound fields."""
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]

    def validate_unique(self):
        """Whether a name or key is taken is asked of the draft, not of the stored map."""

    def clean_key(self):
        key = self.cleaned_data["key"]
        if key in {"new", "preview"}:
            raise forms.ValidationError(f"“{key}” is an address of its own. Choose another key.")
        if self.stored is None and key in self.document.metrics:
            raise forms.ValidationError("Another metric has this key.")
        return key

    def clean_name(self):
        name = self.cleaned_data["name"]
        own = self.stored.key if self.stored else None
        if any(e.name == name and e.key != own for e in self.document.metrics.values()):
            raise forms.ValidationError("Another metric has this name.")
        return name

    def entry(self, counting: Counting) -> MetricEntry:
        """The metric as it was described, once the form is valid."""
        told = dict(self.cleaned_data)
        for name in ("owner", "backup", "steward"):
            told[name] = told[name].email if told[name] else ""
        told["department"] = told["department"].name
        told["consumers"] = tuple(one.name for one in told["consumers"])
        told["actions"] = tuple(filter(None, map(str.strip, told["actions"].splitlines())))
        told["counter_metric"] = told.pop("counter")
        base = self.stored or MetricEntry(**told)
        return replace(base, **told, counting=counting)


class LinkForm(forms.ModelForm):
    """From one metric to the one above that it moves."""

    child = forms.ChoiceField(label="From")
    parent = forms.ChoiceField(label="To")

    class Meta:
        model = Link
        fields = (
            *("kind", "slope", "se", "lag_days", "longest_lag_days", "rung", "driver"),
            *("are_distinct", "expires_on", "note"),
        )
        labels = {
            "kind": "How it leads there",
            "se": "Doubt of the slope",
            "lag_days": "Delay in days",
            "longest_lag_days": "Longest delay in days",
            "driver": "What of the valuation it moves",
            "are_distinct": "Repeats no other way",
            "expires_on": "To be looked at anew by",
        }
        help_texts = {
            "lag_days": "Days until the upper metric follows; 0 is the same period.",
            "slope": "What one unit of the lower metric does to the upper one, in its units;"
            " for what adds up over time, by the year. Empty: nobody knows yet.",
            "se": "How far the slope may be off: its standard error.",
            "longest_lag_days": "Where the delay varies: the longest that it takes.",
            "rung": "What the link rests on. It does not count where it holds by definition.",
            "driver": "At the top only: the slope then comes from the valuation itself.",
            "are_distinct": "Both departments say so. What two ways repeat would count twice.",
            "expires_on": "After that day it is named as worth a look.",
            "note": "Why you think so. A link that points down needs it.",
        }
        error_messages = {
            "lag_days": {"min_value": "A delay cannot be negative; 0 is the same period."}
        }
        widgets = {"expires_on": forms.DateInput(attrs={"type": "date"})}

    EMPTY = {"kind": "Choose", "driver": "Nothing: it leads to another metric"}
    field_order = ("child", "parent", "kind")

    def __init__(self, data, document: MapDocument, stored: LinkEntry | None, initial):
        self.document, self.stored = document, stored
        shown = {name: getattr(stored, name) for name in LINK_SHOWN} if stored else initial
        super().__init__(data, initial=shown)
        say_what_is_empty(self)
        entries = sorted(document.metrics.values(), key=lambda entry: (entry.level, entry.name))
        choices = [("", "Choose"), *((entry.key, entry.name) for entry in entries)]
        for name in ("child", "parent"):
            self.fields[name].choices = choices
            self.fields[name].disabled = stored is not None

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            for broken in broken_by_link(self.document, self.entry, self.stored):
                self.add_error(broken.field, broken.sentence)
        return cleaned

    @property
    def entry(self) -> LinkEntry:
        """The link as it was described, once its fields are valid."""
        told = {name: self.cleaned_data[name] for name in LINK_SHOWN}
        base = self.stored or LinkEntry(**told)
        return replace(base, **told)


LINK_SHOWN = ("child", "parent", *LinkForm.Meta.fields)


class MetricForms:
    """All forms of one metric: what it is, and both sides of how it is counted."""

    def __init__(self, data, document: MapDocument, stored: MetricEntry | None, initial=None):
        counting = stored.counting if stored else None
        self.document, self.stored = document, stored
        self.about = MetricForm(data, document, stored, initial)
        self.version = VersionForm(data, initial=counting._asdict() if counting else None)
        self.numerator = MeasureForm(
            data, Measure.Side.NUMERATOR, counting and counting.numerator, is_required=False
        )
        self.denominator = MeasureForm(
            data, Measure.Side.DENOMINATOR, counting and counting.denominator, is_required=False
        )

    def is_valid(self):
        """Whether all of them are valid and break no rule; each one says what is wrong with it."""
        if not (self.about.is_valid() & self.is_countable()):
            return False
        for broken in broken_by_metric(self.document, self.entry):
            field = broken.field if broken.field in self.about.fields else None
            form = self.version if broken.field in self.version.fields else self.about
            form.add_error(field if form is self.about else broken.field, broken.sentence)
        return not (self.about.errors or self.version.errors)

    def is_countable(self):
        """Whether the forms say how it is counted, whatever the metric is."""
        parts = (self.version, self.numerator, self.denominator)
        wrong = [part for part in parts if not part.is_valid()]
        if wrong:
            return False
        if self.version.cleaned_data["way"] == Way.COUNTED and not self.numerator.measure:
            self.numerator.add_error("counted", "Choose what is counted.")
            return False
        return True

    @property
    def counting(self) -> Counting:
        """How the metric is to be counted, once the forms are valid."""
        is_counted = self.version.cleaned_data["way"] == Way.COUNTED
        return Counting(
            **self.version.cleaned_data,
            numerator=self.numerator.measure if is_counted else None,
            denominator=self.denominator.measure if is_counted else None,
        )

    @property
    def entry(self) -> MetricEntry:
        return self.about.entry(self.counting)


def _shown(entry: MetricEntry) -> dict:
    """An entry as the form's fields take it."""
    names = [name for name in MetricForm.Meta.fields if hasattr(entry, name)]
    shown = {name: getattr(entry, name) for name in names}
    return shown | {
        "consumers": list(entry.consumers),
        "actions": "\n".join(entry.actions),
        "counter": entry.counter_metric,
    }
