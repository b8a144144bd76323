"""Forms of the agreement on the map: proposing, signing, another wording, an answer."""

from django import forms

from customers.models import Company
from metrics.forms.metric_map import MetricForms
from metrics.models import MapEdition, Signature


class ProposeForm(forms.Form):
    """Why the map changes, until when it is to be signed, and when it comes into force."""

    reason = forms.CharField(
        label="What changes, and why",
        max_length=MapEdition._meta.get_field("reason").max_length,
        error_messages={"required": "Say what changes, and why."},
    )
    sign_until = forms.DateField(
        label="To be signed until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Then it goes to the executives. Empty: in two weeks.",
    )
    publish_at = forms.DateTimeField(
        label="In force from",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Empty: as soon as a second person publishes it.",
    )

    def clean_sign_until(self):
        day = self.cleaned_data["sign_until"]
        if day and day < Company.objects.today():
            raise forms.ValidationError("That day is over.")
        return day


class SignForm(forms.Form):
    """Which signature is given, to what as it was read, and what is said with it."""

    key = forms.SlugField(widget=forms.HiddenInput)
    party = forms.ChoiceField(choices=Signature.Party.choices, widget=forms.HiddenInput)
    department = forms.IntegerField(required=False, widget=forms.HiddenInput)
    fingerprint = forms.CharField(max_length=64, widget=forms.HiddenInput)
    said = forms.CharField(label="Said with it", max_length=200, required=False)
    deliver_on = forms.DateField(
        label="Data come by", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class SaidForm(forms.Form):
    said = forms.CharField(
        label="Why it should be so",
        max_length=200,
        error_messages={"required": "Say why it should be so."},
    )


class CounterForms(MetricForms):
    """One metric of a proposed edition as somebody else would have it, with the reason."""

    def __init__(self, data, document, stored):
        super().__init__(data, document, stored)
        self.said = SaidForm(data)

    def is_valid(self):
        if not (super().is_valid() & self.said.is_valid()):
            return False
        if self.entry == self.stored:
            self.said.add_error(None, "Nothing is different yet.")
            return False
        return True


class AnswerForm(forms.Form):
    does = forms.ChoiceField(choices=[("take", "Take it"), ("decline", "Decline it")])
    said = forms.CharField(max_length=200, required=False)
