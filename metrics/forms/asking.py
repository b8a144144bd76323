"""Forms of data requests, disputes and alerts."""

from django import forms

from customers.models import Company, Department
from metrics.forms.empty import say_what_is_empty
from metrics.models import Alert, DataRequest, Dispute, Metric

LONGEST_REASON = Alert._meta.get_field("snooze_reason").max_length


class DataRequestForm(forms.ModelForm):
    class Meta:
        model = DataRequest
        fields = ("metric", "department", "source", "wanted")
        labels = {
            "metric": "For which metric",
            "department": "Who delivers",
            "source": "From which system",
            "wanted": "What is needed",
        }
        help_texts = {
            "department": "",
            "source": "The one that knows: ticket system, ledger.",
            "wanted": "Such as: each delivery with the day it was promised for.",
        }

    EMPTY = {"metric": "Choose", "department": "Choose"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_what_is_empty(self)
        self.fields["metric"].queryset = Metric.objects.on_the_map().order_by("name")
        self.fields["department"].queryset = Department.objects.order_by("name")


class PromiseForm(forms.Form):
    """What becomes of a request: a day, the data, or a reason why not."""

    does = forms.ChoiceField(
        choices=[("promise", "Promise"), ("deliver", "Deliver"), ("refuse", "Refuse")]
    )
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    answer = forms.CharField(max_length=200, required=False)

    def clean(self):
        told = super().clean()
        if told.get("does") == "promise" and not told.get("day") and not self.errors:
            self.add_error("day", "Say by which day.")
        if told.get("does") == "refuse" and not told.get("answer"):
            self.add_error("answer", "Say why the data cannot be had.")
        return told


class DisputeForm(forms.Form):
    said = forms.CharField(
        label="Why it cannot be moved so",
        max_length=Dispute._meta.get_field("said").max_length,
        error_messages={"required": "Say why."},
    )


class DisputeAnswerForm(forms.ModelForm):
    class Meta:
        model = Dispute
        fields = ("outcome", "answer")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True


class AlertForm(forms.Form):
    """Seen, with what one knows; or let it wait until a day, for a reason."""

    does = forms.ChoiceField(choices=[("seen", "I have seen it"), ("wait", "Let it wait")])
    comment = forms.CharField(
        max_length=Alert._meta.get_field("comment").max_length, required=False
    )
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self):
        told = super().clean()
        if told.get("does") == "wait":
            if not told.get("until") or told["until"] <= Company.objects.today():
                self.add_error("until", "Say until which day, after today.")
            if not told.get("comment"):
                self.add_error("comment", "Say why it can wait.")
            elif len(told["comment"]) > LONGEST_REASON:
                self.add_error("comment", f"Say it in {LONGEST_REASON} characters.")
        return told
