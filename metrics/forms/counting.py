"""How a metric is counted, as a form: nothing can be chosen that its source does not offer."""

from decimal import Decimal

from django import forms

from metrics.forms.empty import say_what_is_empty
from metrics.indicators.counting import Counted
from metrics.indicators.sources import SOURCES, Kind
from metrics.models import Condition, Measure, MetricVersion

MOST_CONDITIONS = 3
Aggregate = Measure.Aggregate
SHOWN_AS = [
    (1, "a number"),
    (100, "a percentage"),
    *((pace, f"a year’s, from {pace} such periods") for pace in (4, 12, 52)),
    *((100 * pace, f"a year’s percentage, from {pace} such periods") for pace in (4, 12, 52)),
]


class VersionForm(forms.ModelForm):
    """How often a metric is counted, and how its values are written."""

    scale = forms.TypedChoiceField(label="Shown as", choices=SHOWN_AS, coerce=int, initial=1)

    class Meta:
        model = MetricVersion
        fields = (
            *("way", "formula", "grain", "unit", "scale", "decimals"),
            *("ripens_after_days", "revision_days", "history_days"),
        )
        labels = {
            "way": "How it comes about",
            "grain": "Told each",
            "decimals": "Digits after the point",
            "ripens_after_days": "Days until a figure is final",
            "revision_days": "Days in which late data count",
            "history_days": "Days of data it needs",
        }

    EMPTY = {"grain": "Choose"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_what_is_empty(self)

    def clean(self):
        cleaned = super().clean()
        is_derived = cleaned.get("way") == MetricVersion.Way.DERIVED
        if is_derived and not cleaned.get("formula"):
            self.add_error("formula", "Write the formula by which it is derived.")
        return cleaned


class MeasureForm(forms.Form):
    """One side of a metric: what is counted, and up to three conditions on the rows."""

    counted = forms.ChoiceField()

    def __init__(self, data, side, stored: Counted | None, *, is_required: bool):
        super().__init__(data, prefix=side.value, initial=_initial(stored))
        nothing = "Choose" if is_required else "Nothing: it is not divided"
        self.fields["counted"].label = side.label
        self.fields["counted"].required = is_required
        self.fields["counted"].choices = [("", nothing), *_counted_choices()]
        for names in ROWS:
            self.fields.update(zip(names, _condition_fields(), strict=True))

    @property
    def rows(self):
        """The bound fields of each condition: field, comparison, value."""
        return [[self[name] for name in names] for names in ROWS]

    @property
    def measure(self) -> Counted | None:
        """What was chosen, once the form is valid; None where nothing is counted."""
        if not self.cleaned_data["counted"]:
            return None
        source, aggregate, field = self.cleaned_data["counted"].split(".")
        filled = [[self.cleaned_data[name] for name in names] for names in ROWS]
        where = tuple(
            (chosen.split(".")[1], comparison, value)
            for chosen, comparison, value in filled
            if chosen
        )
        return Counted(source, aggregate, field, where)

    def clean(self):
        cleaned = super().clean()
        source = cleaned.get("counted", "").split(".")[0]
        for names in ROWS:
            chosen, _, value = (cleaned.get(name) for name in names)
            if not (chosen or value is not None) or self.errors.keys() & set(names):
                continue
            if sentence := _problem(source, chosen, value):
                self.add_error(names[0], sentence)
        return cleaned


ROWS = [(f"field_{n}", f"comparison_{n}", f"value_{n}") for n in range(MOST_CONDITIONS)]


def _counted_choices():
    """Everything that can be counted, by source: rows, different names, sums, medians."""
    groups = []
    for key, source in SOURCES.items():
        offered = [(f"{key}.{Aggregate.COUNT}.", f"Number of {source.label}")]
        for name, field in source.fields.items():
            if field.kind is Kind.NAME:
                offered.append((f"{key}.{Aggregate.DISTINCT}.{name}", f"Different {field.label}"))
            elif field.kind.adds_up:
                offered.append((f"{key}.{Aggregate.SUM}.{name}", f"Sum of {field.label}"))
            if field.kind.has_middle:
                offered.append((f"{key}.{Aggregate.MEDIAN}.{name}", f"Median of {field.label}"))
        groups.append((source.label, offered))
    return groups


def _condition_fields() -> tuple[forms.Field, forms.Field, forms.Field]:
    fields = [
        (
            source.label,
            [
                (f"{key}.{name}", field.label)
                for name, field in source.fields.items()
                if field.kind is not Kind.NAME
            ],
        )
        for key, source in SOURCES.items()
    ]
    return (
        forms.ChoiceField(label="Where", choices=[("", "No condition"), *fields], required=False),
        forms.ChoiceField(
            label="Comparison",
            choices=Condition.Comparison.choices,
            initial=Condition.Comparison.EQUAL,
        ),
        forms.DecimalField(label="Value", max_digits=14, decimal_places=4, required=False),
    )


def _initial(stored: Counted | None) -> dict[str, str | Decimal]:
    if stored is None:
        return {}
    initial = {"counted": f"{stored.source}.{stored.aggregate}.{stored.field}"}
    for names, (field, comparison, value) in zip(ROWS, stored.where, strict=False):
        row = (f"{stored.source}.{field}", comparison, f"{value.normalize():f}")
        initial |= dict(zip(names, row, strict=True))
    return initial


def _problem(source: str, chosen: str, value: Decimal | None) -> str:
    """What is wrong with a condition on rows of this source; "" where it can be asked."""
    if not chosen or value is None:
        return "A condition needs a field and a value."
    if not source:
        return "Choose first what is counted."
    owner, name = chosen.split(".")
    field = SOURCES[owner].fields[name]
    if owner != source:
        return (
            f"“{field.label}” is known of {SOURCES[owner].label}, not of {SOURCES[source].label}."
        )
    if field.kind is Kind.TRUTH and value not in {0, 1}:
        return f"“{field.label}” is 1 for yes or 0 for no."
    return ""
