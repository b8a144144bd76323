"""What a choice is called that chooses nothing."""

from django import forms


def say_what_is_empty(form: forms.BaseForm) -> None:
    """Name the empty choice of each field that EMPTY of the form's class names."""
    for name, words in form.EMPTY.items():
        field = form.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = words
        else:
            field.choices = [(key, label if key else words) for key, label in field.choices]
