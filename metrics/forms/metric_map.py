"""Forms of the map editor: what a metric is, how it is counted, and what it leads to.

Ask is_valid() inside changing_map(): the rules are checked against the map as it is stored then.
"""

from django import forms

from customers.models import User
from metrics.forms.counting import MeasureForm, VersionForm
from metrics.indicators.counting import Counting, counting_of
from metrics.metric_map.graph import read_map
from metrics.metric_map.rules import rules_broken_by_link, rules_broken_by_metric
from metrics.models import Link, Measure, Metric


class MetricForm(forms.ModelForm):
    """What a metric is. Its key stays once it is stored: addresses and the API hang on it."""

    class Meta:
        model = Metric
        fields = (
            "name",
            "key",
            "description",
            "department",
            "owner",
            "level",
            "lever",
            "direction",
            "control",
        )
        help_texts = {
            "name": "As people say it: Late deliveries.",
            "key": "Short name for addresses and the API: late_deliveries. It cannot change later.",
            "description": "What is counted, in a sentence that a newcomer understands.",
            "lever": "Which of the three ways to grow it serves; none for the total itself.",
            "control": "How far the department can move it.",
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key"].disabled = self.instance.pk is not None
        self.fields["owner"].queryset = User.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["owner"].empty_label = "Nobody yet"
        self.fields["owner"].label_from_instance = User.get_full_name

    def clean_key(self):
        if self.cleaned_data["key"] == "new":
            raise forms.ValidationError("“new” is an address of its own. Choose another key.")
        return self.cleaned_data["key"]

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            metric = Metric(pk=self.instance.pk, **cleaned)
            for broken in rules_broken_by_metric(read_map(), metric):
                self.add_error(broken.field, broken.sentence)
        return cleaned


class LinkForm(forms.ModelForm):
    """From one metric to the one above that it moves."""

    class Meta:
        model = Link
        fields = ("child", "parent", "kind", "lag_days", "rung", "note")
        labels = {"child": "From", "parent": "To", "lag_days": "Delay in days"}
        help_texts = {
            "lag_days": "Days until the upper metric follows; 0 is the same period.",
            "rung": "What the link rests on. It does not count where it holds by definition.",
            "note": "Why you think so. A link that points down needs it.",
        }
        error_messages = {
            "lag_days": {"min_value": "A delay cannot be negative; 0 is the same period."}
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("child", "parent"):
            self.fields[name].queryset = Metric.objects.order_by("level", "name", "pk")

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            link = Link(pk=self.instance.pk, **cleaned)
            for broken in rules_broken_by_link(read_map(), link):
                self.add_error(broken.field, broken.sentence)
        return cleaned


class MetricForms:
    """All forms of one metric: what it is, and both sides of how it is counted."""

    def __init__(self, data, metric, initial=None):
        stored = counting_of(metric) if metric.pk else None
        self.about = MetricForm(data, instance=metric, initial=initial)
        self.version = VersionForm(data, initial=stored._asdict() if stored else None)
        self.numerator = MeasureForm(
            data, Measure.Side.NUMERATOR, stored.numerator if stored else None, is_required=True
        )
        self.denominator = MeasureForm(
            data,
            Measure.Side.DENOMINATOR,
            stored.denominator if stored else None,
            is_required=False,
        )

    def is_valid(self):
        """Whether all of them are valid; each one says what is wrong with it."""
        parts = (self.about, self.version, self.numerator, self.denominator)
        wrong = [part for part in parts if not part.is_valid()]
        return not wrong

    @property
    def counting(self) -> Counting:
        """How the metric is to be counted, once the forms are valid."""
        return Counting(
            **self.version.cleaned_data,
            numerator=self.numerator.measure,
            denominator=self.denominator.measure,
        )
