"""The form of a project: what it is to move, since when, and where it went live."""

from django import forms

from metrics.forms.empty import say_what_is_empty
from metrics.metric_map.evidence.known_sites import known_sites
from metrics.models import Metric, Project


class ProjectForm(forms.ModelForm):
    live_at = forms.MultipleChoiceField(
        label="Where it went live",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick none where it did so everywhere. The others show what would have been.",
    )

    class Meta:
        model = Project
        fields = ("name", "metric", "began_on", "hoped", "description")
        labels = {
            "metric": "To move which metric",
            "began_on": "Live since",
            "hoped": "Hoped change of it",
            "description": "What it is",
        }
        help_texts = {
            "hoped": "In the metric’s unit, below zero where it is to fall.",
            "description": "",
        }
        widgets = {"began_on": forms.DateInput(attrs={"type": "date"})}

    EMPTY = {"metric": "Choose"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_what_is_empty(self)
        self.fields["metric"].queryset = Metric.objects.on_the_map().order_by("name")
        own = set(self.instance.live_at()) if self.instance.pk else set()
        self.fields["live_at"].choices = [(one, one) for one in sorted(own.union(known_sites()))]
        self.fields["live_at"].initial = sorted(own)
