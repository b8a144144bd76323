"""allauth's forms in this site's words: plain labels, no placeholders, one hint on passwords."""

from typing import Any

from allauth.account import forms

LABELS = {
    "login": "Work e-mail",
    "email": "Work e-mail",
    "password": "Password",
    "oldpassword": "Current password",
    "password1": "New password",
    "password2": "New password, again",
}
HINTS = {
    "password1": "Eight characters or more; not your name, a common password or digits alone.",
}


class PlainWords:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.help_text = HINTS.get(name, "")
            field.widget.attrs.pop("placeholder", None)


class SignInForm(PlainWords, forms.LoginForm):
    pass


class ChangePasswordForm(PlainWords, forms.ChangePasswordForm):
    pass


class SetPasswordForm(PlainWords, forms.SetPasswordForm):
    pass


class ResetPasswordForm(PlainWords, forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(PlainWords, forms.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(PlainWords, forms.ReauthenticateForm):
    pass
