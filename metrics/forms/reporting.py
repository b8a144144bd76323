"""The form of a reported metric: a line for each period that has no figure yet, and one more."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django import forms

from metrics.indicators.reporting.batches import EITHER, Said
from metrics.models import MetricVersion

LINES = 5
NO_NUMBER = "Write a number, like 1204.5 or −3."
DATED = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FigureField(forms.FloatField):
    """A number as people write it, with a hyphen or a true minus; may be left empty."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            error_messages={"invalid": NO_NUMBER},
            widget=forms.TextInput(
                attrs={"autocomplete": "off", "inputmode": "decimal", "size": 8}
            ),
        )

    def to_python(self, value: Any) -> float | None:
        return super().to_python(value.replace("−", "-") if isinstance(value, str) else value)


class ReportLineForm(forms.Form):
    """One period. A line without a number counts for nothing."""

    starts_on = forms.DateField(
        required=False,
        widget=DATED,
        error_messages={"invalid": "Write the day as 2026-11-20."},
    )
    value = FigureField("Value")
    numerator = FigureField("Number")
    denominator = FigureField("Out of")

    def __init__(self, *args: Any, version: MetricVersion, divides: bool, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["starts_on"].label = f"First day of the {version.grain}"
        self.fields["value"].label = f"Value, {version.unit}"
        if not divides:
            del self.fields["numerator"], self.fields["denominator"]

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        if self.errors or self.is_empty:
            return told
        if told.get("starts_on") is None:
            self.add_error("starts_on", "Say which period it is.")
        pair = told.get("numerator"), told.get("denominator")
        if (told.get("value") is None) == (pair == (None, None)):
            self.add_error("value", EITHER)
        elif pair != (None, None) and None in pair:
            self.add_error("denominator", "A number out of how many needs both.")
        return told

    @property
    def is_empty(self) -> bool:
        numbers = ("value", "numerator", "denominator")
        return all(self.cleaned_data.get(name) is None for name in numbers)


class ReportForm:
    """All lines. periods: the first days to begin with; said: what was said of them before."""

    def __init__(
        self,
        data: Mapping[str, str] | None,
        version: MetricVersion,
        divides: bool,
        periods: Sequence[date],
        said: Mapping[date, Mapping[str, float | None]],
    ) -> None:
        self.version = version
        self.divides = divides
        initials = [{"starts_on": day, **said.get(day, {})} for day in periods[: LINES - 1]]
        initials += [{}] * (LINES - len(initials))
        self.lines = [
            ReportLineForm(
                data, prefix=str(place), initial=initial, version=version, divides=divides
            )
            for place, initial in enumerate(initials)
        ]

    def is_valid(self) -> bool:
        """Whether every line can be read."""
        return all(line.is_valid() for line in self.lines)

    @cached_property
    def told(self) -> list[ReportLineForm]:
        """The lines that say something."""
        return [line for line in self.lines if not line.errors and not line.is_empty]

    @property
    def said(self) -> list[Said]:
        numbers = ("value", "numerator", "denominator")
        return [
            Said(
                self.version.metric,
                line.cleaned_data["starts_on"],
                *(line.cleaned_data.get(name) for name in numbers),
            )
            for line in self.told
        ]

    def refuse(self, refused: Mapping[int, str]) -> None:
        """Put the sentences on their lines, by the place among those that say something."""
        for place, sentence in refused.items():
            self.told[place].add_error("starts_on", sentence)
