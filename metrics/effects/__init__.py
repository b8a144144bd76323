"""What moves what, and what it is worth: numbers only. Files of metrics and links stay outside."""
