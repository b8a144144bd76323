"""What to look for in the log of reads and changes."""

from django import forms
from django.db.models import Q, QuerySet

from customers.models import AuditEvent


class ReadingFilter(forms.Form):
    """Three narrowings, each optional; what is not understood narrows to nothing."""

    who = forms.CharField(required=False, label="Name or e-mail")
    verb = forms.ChoiceField(
        required=False, label="What", choices=[("", "Everything"), *AuditEvent.Verb.choices]
    )
    code = forms.CharField(required=False, label="Customer code")

    def narrow(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Those of these events that were asked for."""
        if not self.is_valid():
            return events.none()
        if who := self.cleaned_data["who"]:
            events = events.filter(Q(actor__name__icontains=who) | Q(actor__email__icontains=who))
        if verb := self.cleaned_data["verb"]:
            events = events.filter(verb=verb)
        if code := self.cleaned_data["code"]:
            events = events.filter(customer__code=code)
        return events
