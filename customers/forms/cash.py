"""Forms for margins and for what getting customers cost."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model

from customers.models import AcquisitionCost, Department, ProductMargin


def _as_stored(model: type[Model], name: str, **words: Any) -> forms.Field:
    """A field of a form that takes what that field of the model takes."""
    field = model._meta.get_field(name)
    return field.formfield(validators=field.validators, **words)


class DepartmentMarginsForm(forms.Form):
    """One margin for each department, empty where it has the company's."""

    def __init__(
        self, departments: Iterable[Department], data: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data)
        self.departments = {f"margin_{department.pk}": department for department in departments}
        for name, department in self.departments.items():
            self.fields[name] = _as_stored(
                Department, "margin", label=department.name, help_text="", initial=department.margin
            )

    def changes(self) -> list[tuple[Department, Decimal | None]]:
        """The departments whose margin is another now, and that margin."""
        return [
            (department, self.cleaned_data[name])
            for name, department in self.departments.items()
            if self.cleaned_data[name] != department.margin
        ]


class ProductMarginForm(forms.Form):
    """A product's margin, new or in place of the one it has."""

    product = forms.CharField(
        max_length=ProductMargin._meta.get_field("product").max_length,
        help_text="As purchases name it, letter for letter.",
    )
    margin = _as_stored(ProductMargin, "margin")


class MonthField(forms.DateField):
    """A month as browsers send it, 2026-11; its value is the first day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m"],
            widget=forms.DateInput(attrs={"type": "month", "placeholder": "2026-11"}),
            error_messages={"invalid": "Write the month as 2026-11."},
            **kwargs,
        )


class AcquisitionCostForm(forms.Form):
    """What one channel cost in one month, new or in place of what stands there."""

    channel = forms.CharField(
        max_length=AcquisitionCost._meta.get_field("channel").max_length,
        help_text="As purchases name it.",
        widget=forms.TextInput(attrs={"list": "channels", "autocomplete": "off"}),
    )
    month = MonthField()
    amount = _as_stored(
        AcquisitionCost,
        "amount",
        label="Spent in that month",
        help_text="In the company's currency.",
    )
