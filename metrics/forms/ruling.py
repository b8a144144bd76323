"""An analyst's word on which model valuations shall use."""

from collections.abc import Mapping

from django import forms

from metrics.models import ModelRuling
from metrics.models.valuation import AUTO, PurchaseModel


class ModelRulingForm(forms.ModelForm):
    """A model, or the contest's own choice, with the reason."""

    class Meta:
        model = ModelRuling
        fields = ("model", "reason")
        labels = {"model": "Value customers with", "reason": "Why"}
        error_messages = {"reason": {"required": "Say why: it stands beside the forecast."}}
        help_texts = {"reason": "Whoever reads the forecast reads this sentence beside it."}
        widgets = {"reason": forms.Textarea(attrs={"rows": 3, "maxlength": 300})}

    def __init__(self, data: Mapping[str, str] | None, said: Mapping[str, str], current: str):
        """said: a word on each model from the last contest, by its key."""
        super().__init__(data, initial={"model": current})
        self.fields["model"] = forms.ChoiceField(
            label=self.fields["model"].label,
            choices=[
                AUTO,
                *(
                    (key, f"{label}: {said[key]}" if key in said else label)
                    for key, label in PurchaseModel.choices
                ),
            ],
            error_messages={"invalid_choice": "Choose one of these."},
            widget=forms.RadioSelect,
        )
