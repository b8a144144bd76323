"""What a cascade is asked for: how much of what, whose metrics, and how far each may go."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from customers.models import Department
from metrics.models import Metric

EFFORTS = (1, 2, 3, 4, 5)
MARK = "effort-"
ROOMS = [("1", "One achievable step"), ("2", "Up to twice that")]


class CascadeForm(forms.Form):
    goal = forms.ModelChoiceField(
        queryset=Metric.objects.none(),
        to_field_name="key",
        empty_label=None,
        label="What should gain",
    )
    amount = forms.FloatField(
        min_value=0,
        label="By how much",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
        error_messages={
            "required": "Say by how much.",
            "invalid": "Write a number, like 50000.",
            "min_value": "A gain is more than 0.",
        },
    )
    department = forms.ModelChoiceField(
        queryset=Department.objects.none(), required=False, label="Whose metrics"
    )
    room = forms.ChoiceField(choices=ROOMS, label="How far each may go")

    def __init__(
        self,
        data: Mapping[str, str],
        *,
        goals: QuerySet[Metric],
        departments: QuerySet[Department],
        unit: str,
    ) -> None:
        super().__init__(data)
        self.fields["goal"].queryset = goals
        self.fields["department"].queryset = departments
        self.fields["department"].empty_label = "All that are yours to plan with"
        self.fields["amount"].help_text = f"In {unit}."

    def clean_amount(self) -> float:
        amount = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError("A gain is more than 0.")
        return amount


def efforts_in(data: Mapping[str, Any]) -> dict[str, int]:
    """By the key of the metric; only those that were chosen."""
    told = {name.removeprefix(MARK): data[name] for name in data if name.startswith(MARK)}
    return {key: int(text) for key, text in told.items() if text in map(str, EFFORTS)}
