"""Forms of an upload: the file with where it comes from, and what its columns hold."""

from collections.abc import Iterable, Mapping

from django import forms
from django.core.files.uploadedfile import UploadedFile

from customers.imports.facts.kinds import COLUMNS
from customers.models import Department, Source, Upload

MEGABYTE = 1_000_000
MOST_MEGABYTES = 200
LEFT_OUT = [("", "Leave out")]
BY_ITS_COLUMNS = [("", "See by its columns")]


class UploadForm(forms.Form):
    """A file to send."""

    file = forms.FileField(
        help_text=f"CSV with a line of column names, or that compressed as .csv.gz;"
        f" {MOST_MEGABYTES} MB at most.",
        error_messages={"empty": "The file is empty."},
    )
    holds = forms.ChoiceField(
        label="What it holds",
        choices=BY_ITS_COLUMNS + Upload.Holds.choices,
        required=False,
        help_text="You see it again on the next page, and can change it there.",
    )
    source = forms.CharField(
        required=False,
        max_length=Source._meta.get_field("name").max_length,
        help_text="The system whose customers and orders these are. Staff and margins need none.",
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )
    department = forms.ModelChoiceField(
        Department.objects.order_by("name"),
        required=False,
        label="Who looks after these customers",
        empty_label="Choose a department",
        help_text="Of purchases and contracts, which may bring new ones.",
    )
    complete_until = forms.DateField(
        required=False,
        help_text="Last day of which a file has all purchases; else the last day in it.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MOST_MEGABYTES * MEGABYTE:
            raise forms.ValidationError(
                f"The file has {file.size / MEGABYTE:,.0f} MB, and {MOST_MEGABYTES} is the most."
                " Compress it with gzip, or send it in parts."
            )
        return file


class HoldsForm(forms.Form):
    """What a file holds, where that was seen wrongly."""

    holds = forms.ChoiceField(label="It holds", choices=Upload.Holds.choices)


class ColumnsForm(forms.Form):
    """Which column of a file holds which fact: one choice a column, in the file's order."""

    def __init__(
        self,
        holds: str,
        headers: Iterable[str],
        mapping: Mapping[str, str],
        data: Mapping[str, str] | None = None,
    ) -> None:
        """holds: one of Upload.Holds. mapping: fact -> header, as it stands now."""
        super().__init__(data)
        self.facts = COLUMNS[holds]
        self.headers = list(headers)
        fields = {header: field for field, header in mapping.items()}
        for place, header in enumerate(self.headers):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header,
                choices=LEFT_OUT + self.facts.choices,
                initial=fields.get(header, ""),
                required=False,
            )

    def clean(self) -> None:
        chosen = [field for field in self.cleaned_data.values() if field]
        for field in sorted(set(chosen)):
            if chosen.count(field) > 1:
                self.add_error(
                    None, f"Two columns go to {self.facts.fact(field).label.lower()}. Leave one."
                )
        for sentence in self.facts.problems(self.mapping(), self.headers):
            self.add_error(None, sentence)

    def mapping(self) -> dict[str, str]:
        """What was chosen: field -> header."""
        return {
            self.cleaned_data[f"column_{place}"]: header
            for place, header in enumerate(self.headers)
            if self.cleaned_data.get(f"column_{place}")
        }
