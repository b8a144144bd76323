"""What people write on a metric's page: what they know of a day, and why a baseline is set anew."""

from django import forms

from customers.models import Company
from metrics.models import Annotation, Baseline


class AnnotationForm(forms.Form):
    day = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Say which day."},
    )
    text = forms.CharField(
        label="What happened",
        max_length=Annotation._meta.get_field("text").max_length,
        error_messages={"required": "Say what happened."},
    )

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day > Company.objects.today():
            raise forms.ValidationError("That day is still to come.")
        return day


class RebaseForm(forms.Form):
    reason = forms.CharField(
        max_length=Baseline._meta.get_field("reason").max_length,
        error_messages={"required": "Say why."},
    )
