"""How forms are drawn: one field, one label, one hint, one error, as on every page."""

from django.forms.renderers import TemplatesSetting


class PartsRenderer(TemplatesSetting):
    form_template_name = "clvsite/_form.html"
    field_template_name = "clvsite/_field.html"
