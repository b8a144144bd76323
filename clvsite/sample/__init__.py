"""A company to try the site with, and how to be rid of it."""

from clvsite.sample.clearing import clear, is_empty
from clvsite.sample.people import DOMAINS, PASSWORD, is_of_sample, sample_people

__all__ = ["DOMAINS", "PASSWORD", "clear", "is_empty", "is_of_sample", "sample_people"]
