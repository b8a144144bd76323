"""Forms of a scenario: what is changed, in percent and points, and shocks to customers of a size.

Empty means unchanged. Forms speak of changes, rows of factors: −10 is stored as 0.9.
"""

from decimal import Decimal

from django import forms
from django.forms.models import BaseInlineFormSet, inlineformset_factory

from customers.templatetags.numbers import counted, grouped, percent
from metrics.models import Scenario, ScenarioShock, Valuation

HUNDRED = Decimal(100)
DATED = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class NumberField(forms.DecimalField):
    """A number as people write it, with a hyphen or a true minus."""

    def __init__(self, *, min_value: int, max_value: int, **named):
        sentences = {
            "required": "Say by how much.",
            "invalid": "Write a number, like 2.5 or −10.",
            "min_value": f"It cannot be less than {grouped(min_value)}.",
            "max_value": f"It cannot be more than {grouped(max_value)}.",
            "max_decimal_places": f"Write {counted(named['decimal_places'], 'decimal')} at most.",
        }
        super().__init__(
            min_value=min_value, max_value=max_value, error_messages=sentences,
            widget=forms.TextInput(attrs={"autocomplete": "off"}), **named,
        )  # fmt: skip

    def to_python(self, value):
        number = super().to_python(value.replace("−", "-") if isinstance(value, str) else value)
        if number is not None and not number.is_finite():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class ChangeField(NumberField):
    """A change in percent; its value is the factor, 1 where it was left empty."""

    def __init__(self, *, lowest: int, **named):
        named.setdefault("required", False)
        super().__init__(min_value=lowest, max_value=9900, decimal_places=1, **named)

    def prepare_value(self, value):
        if not isinstance(value, int | Decimal):
            return value
        return "" if value == 1 else _plain((value - 1) * HUNDRED)

    def clean(self, value):
        return 1 + (super().clean(value) or Decimal(0)) / HUNDRED

    def has_changed(self, initial, data):
        return super().has_changed(None if initial is None else (initial - 1) * HUNDRED, data)


class ShareField(NumberField):
    """Percent; its value is the share of one, None where it was left empty."""

    def prepare_value(self, value):
        return _plain(value * HUNDRED) if isinstance(value, Decimal) else value

    def clean(self, value):
        percents = super().clean(value)
        return None if percents is None else percents / HUNDRED


class PointsField(NumberField):
    """Points; 0 where it was left empty."""

    def prepare_value(self, value):
        if not isinstance(value, int | Decimal):
            return value
        return _plain(Decimal(value)) if value else ""

    def clean(self, value):
        return super().clean(value) or Decimal(0)


class ScenarioForm(forms.ModelForm):
    """A scenario's name and what it changes for all customers."""

    drop_out = ChangeField(
        lowest=-99, label="Leaving, change in %", help_text="−10: a tenth fewer leave."
    )
    rate = ChangeField(
        lowest=-99, label="How often they buy, change in %", help_text="5: 5% more purchases."
    )
    spend = ChangeField(lowest=-99, label="Spend a purchase, change in %")
    margin_points = PointsField(
        required=False, min_value=-100, max_value=100, decimal_places=1, label="Margin, points more"
    )
    yearly_rate = ShareField(
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        label="Discount rate, % a year",
    )

    class Meta:
        model = Scenario
        fields = (
            "name", "note", "drop_out", "rate", "spend", "margin_points", "yearly_rate", "months",
        )  # fmt: skip
        labels = {"note": "Why it could come so", "months": "Horizon, months"}
        help_texts = {"name": "As people will speak of it: With the loyalty plan.", "note": ""}
        error_messages = {
            "name": {
                "required": "A scenario needs a name.",
                "unique": "Another scenario has this name already.",
            },
            "months": {
                "invalid": "Write whole months, like 24.",
                "min_value": "Look 1 month ahead at least.",
                "max_value": "Look 60 months ahead at most.",
            },
        }
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, data, *, valuation: Valuation | None, **named):
        super().__init__(data, **named)
        if valuation is None:
            return
        now = {
            "margin_points": f"Now {percent(valuation.margin, 1)} where no cost is known;"
            " 2 adds two points.",
            "yearly_rate": f"Now {percent(valuation.yearly_rate, 1)}.",
            "months": f"Now {valuation.months}.",
        }
        for name, sentence in now.items():
            self.fields[name].help_text = sentence


class ShockForm(forms.ModelForm):
    """From a day on, customers of one size buy more or less."""

    band = forms.ChoiceField(
        label="Customers", error_messages={"required": "Choose whose purchases change."}
    )
    from_on = forms.DateField(
        label="From", widget=DATED, error_messages={"required": "Say from which day."}
    )
    purchases = ChangeField(lowest=-100, required=True, label="Purchases, change in %")

    class Meta:
        model = ScenarioShock
        fields = ("band", "from_on", "purchases")

    def __init__(self, *args, valuation: Valuation | None, sizes: list[str], **named):
        super().__init__(*args, **named)
        self.valuation = valuation
        stored = [self.instance.band] if self.instance.band not in {"", *sizes} else []
        self.fields["band"].choices = [("", "Choose"), *((each, each) for each in sizes + stored)]

    def clean_from_on(self):
        day = self.cleaned_data["from_on"]
        if self.valuation and day <= self.valuation.as_of:
            raise forms.ValidationError(
                f"The forecast begins after {self.valuation.as_of:%-d %b %Y}. Choose a later day."
            )
        return day


class ShockForms(BaseInlineFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Take this out"

    def get_unique_error_message(self, unique_check):
        return "Two lines change the same customers from the same day. Keep one of them."

    def get_form_error(self):
        return "A line above changes the same customers from the same day."


ShockFormSet = inlineformset_factory(
    Scenario,
    ScenarioShock,
    form=ShockForm,
    formset=ShockForms,
    extra=2,
    max_num=12,
    can_delete=True,
)


class ScenarioForms:
    """A scenario with its shocks, as they are asked for and stored together."""

    def __init__(self, data, scenario: Scenario, valuation: Valuation | None, smallest_group: int):
        """smallest_group: customers of a size below which it cannot be changed alone."""
        self.about = ScenarioForm(data, instance=scenario, valuation=valuation)
        named = {"valuation": valuation, "sizes": _sizes(valuation, smallest_group)}
        self.shocks = ShockFormSet(data, instance=scenario, form_kwargs=named)

    @property
    def common(self):
        """The bound fields that change something for all customers."""
        return [field for field in self.about if field.name not in {"name", "note"}]

    def is_valid(self) -> bool:
        """Whether all of it can be stored; each part says what is wrong with it."""
        parts_are = [part.is_valid() for part in (self.about, self.shocks)]
        if all(parts_are) and not (changes_something(self.about.instance) or self.kept_shocks):
            self.about.add_error(None, "Change at least one thing: so far it is as today.")
            return False
        return all(parts_are)

    @property
    def kept_shocks(self) -> list[ScenarioShock]:
        """The shocks as filled in, those to be removed left out; wrong lines are not there."""
        if not self.shocks.is_bound:
            return [form.instance for form in self.shocks if form.instance.pk]
        return [
            form.instance
            for form in self.shocks
            if (form.has_changed() or form.instance.pk)
            and not form.errors
            and not form.cleaned_data.get("DELETE")
        ]

    def save(self) -> Scenario:
        scenario = self.about.save()
        self.shocks.instance = scenario
        self.shocks.save()
        return scenario


def changes_something(scenario: Scenario) -> bool:
    """Whether anything is changed for all customers."""
    factors = {scenario.drop_out, scenario.rate, scenario.spend}
    kept = (scenario.yearly_rate, scenario.months)
    return factors != {1} or bool(scenario.margin_points) or kept != (None, None)


def _sizes(valuation: Valuation | None, smallest_group: int) -> list[str]:
    """The sizes of enough customers who bought something in the year, the largest first."""
    if valuation is None:
        return []
    bands = valuation.size_bands.filter(spent__gt=0, customers__gte=smallest_group)
    bands = bands.order_by("rank")
    return list(bands.values_list("name", flat=True))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}".replace("-", "−")
