"""Forms of an upload: the file with where it comes from, and what its columns hold."""

from collections.abc import Iterable, Mapping

from django import forms
from django.core.files.uploadedfile import UploadedFile

from customers.imports.columns import Field, missing_columns
from customers.models import Department, Source

MEGABYTE = 1_000_000
MOST_MEGABYTES = 200
LEFT_OUT = [("", "Leave out")]


class UploadForm(forms.Form):
    """A file to send."""

    file = forms.FileField(
        help_text=f"CSV with a line of column names, or that compressed as .csv.gz;"
        f" {MOST_MEGABYTES} MB at most.",
        error_messages={"empty": "The file is empty."},
    )
    source = forms.CharField(
        max_length=Source._meta.get_field("name").max_length,
        help_text="The system that wrote it. Files of one source know each other's orders.",
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )
    department = forms.ModelChoiceField(
        Department.objects.order_by("name"),
        label="Who looks after these customers",
        empty_label="Choose a department",
    )
    complete_until = forms.DateField(
        required=False,
        help_text="Last day of which the file has all purchases; else the last day in it.",
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


class ColumnsForm(forms.Form):
    """Which column of a file holds which fact: one choice a column, in the file's order."""

    def __init__(
        self,
        headers: Iterable[str],
        mapping: Mapping[str, str],
        data: Mapping[str, str] | None = None,
    ) -> None:
        """mapping: field -> header, as it stands now."""
        super().__init__(data)
        self.headers = list(headers)
        fields = {header: field for field, header in mapping.items()}
        for place, header in enumerate(self.headers):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header,
                choices=LEFT_OUT + Field.choices,
                initial=fields.get(header, ""),
                required=False,
            )

    def clean(self) -> None:
        chosen = [field for field in self.cleaned_data.values() if field]
        for field in sorted(set(chosen)):
            if chosen.count(field) > 1:
                self.add_error(None, f"Two columns go to {Field(field).label.lower()}. Leave one.")
        for sentence in missing_columns(self.mapping(), self.headers):
            self.add_error(None, sentence)

    def mapping(self) -> dict[str, str]:
        """What was chosen: field -> header."""
        return {
            self.cleaned_data[f"column_{place}"]: header
            for place, header in enumerate(self.headers)
            if self.cleaned_data.get(f"column_{place}")
        }
