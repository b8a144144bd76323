"""Forms of the site itself, and how every form is drawn."""
