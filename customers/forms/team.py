"""Forms for people, their roles, departments and the company."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import RegexValidator

from customers.models import Company, Department, Membership, Role, User


class PersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "email"]
        error_messages = {"email": {"unique": "Somebody here has that e-mail already."}}

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class RoleForm(forms.Form):
    """One role for one person; for somebody new, person has no row yet."""

    role = forms.ChoiceField(choices=Role.choices)
    department = forms.ModelChoiceField(
        Department.objects.order_by("name"),
        required=False,
        empty_label="Whole company",
        help_text="Front line, team lead and manager need one; the other roles have none.",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            membership = Membership(user=self.person, **self.cleaned_data)
            membership.full_clean(exclude=set() if self.person.pk else {"user"})
        return self.cleaned_data


class DepartmentForm(forms.ModelForm):
    class Meta:
        model = Department
        fields = ["name"]
        labels = {"name": "New department"}
        error_messages = {"name": {"unique": "There is a department of that name."}}


class CompanyForm(forms.ModelForm):
    currency = forms.CharField(
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}$", "Three letters, as in GBP or EUR.")],
        help_text="Three letters, as in GBP. Purchases are not converted when it changes.",
    )
    time_zone = forms.ChoiceField(
        choices=lambda: [(name, name.replace("_", " ")) for name in sorted(available_timezones())],
        help_text=Company._meta.get_field("time_zone").help_text,
    )

    class Meta:
        model = Company
        fields = [
            "name",
            "data_credit",
            "currency",
            "time_zone",
            "lapsed_after_days",
            "default_margin",
            "yearly_rate",
            "horizon_months",
            "materiality",
            "finance_department",
            "review_days",
            "alerts_a_month",
        ]
        labels = {
            "name": "Name of the company",
            "data_credit": "Where the data come from",
            "lapsed_after_days": "Not seen after",
            "horizon_months": "Horizon",
            "materiality": "Smallest change worth acting on",
            "finance_department": "Department that signs for money",
            "alerts_a_month": "Most alerts in a month",
        }
        help_texts = {
            "data_credit": "Shown at the foot of every page.",
            "lapsed_after_days": "Days without a purchase.",
            "materiality": "Of customer equity, in the currency.",
            "finance_department": "Agrees to every link from a metric to money.",
            "review_days": "Days within which a metric has to show that it got better.",
            "alerts_a_month": "To one person; the others wait on the board.",
        }

    def changes(self) -> str:
        """What is different now, in words: `currency from GBP to EUR; horizon from 12 to 24`."""
        was = {name: self.fields[name].to_python(self.initial[name]) for name in self.changed_data}
        now = self.cleaned_data
        return "; ".join(
            f"{self[name].label.lower()} from {_told(was[name])} to {_told(now[name])}"
            for name in self.changed_data
        )


def _told(value: object) -> str:
    return "none" if value is None or value == "" else str(value)
