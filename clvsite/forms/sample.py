"""Clearing the sample: who is left, and with which password."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clvsite.sample import DOMAINS
from customers.models import User


class ClearForm(forms.Form):
    """The administrator of your own, who takes over from the sample's people."""

    name = forms.CharField(max_length=80, label="Your name")
    email = forms.EmailField(label="Your work e-mail")
    password = forms.CharField(
        label="A password of your own",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if email.lower().endswith(tuple(f"@{domain}" for domain in DOMAINS)):
            raise ValidationError("That is an address of the sample. Give your own.")
        return email

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        named = {name: self.cleaned_data.get(name, "") for name in ("name", "email")}
        validate_password(password, User(**named))
        return password
