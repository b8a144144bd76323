"""Why a row is set aside. The codes are stable: figures count rows by them."""

from django.db.models import TextChoices


class Reason(TextChoices):
    WRONG_LENGTH = "wrong_length", "More or fewer values than the header"
    NO_DATE = "no_date", "No day"
    BAD_DATE = "bad_date", "Not a day"
    FUTURE_DATE = "future_date", "A day after today"
    NO_AMOUNT = "no_amount", "No amount"
    BAD_NUMBER = "bad_number", "Not a number"
    OTHER_CURRENCY = "other_currency", "Another currency"
    TOO_LARGE = "too_large", "Too large to be true"
    NEGATIVE_PRICE = "negative_price", "A negative price: an adjustment"
    NEGATIVE_COST = "negative_cost", "A negative cost of a sale"
    ZERO_QUANTITY = "zero_quantity", "Nothing bought: quantity 0"
    SIGNS_DIFFER = "signs_differ", "Quantity below zero, amount above"
    NOTHING_RETURNED = "nothing_returned", "Nothing paid back: a stock correction"
    NO_CUSTOMER_NOTHING_PAID = "no_customer_nothing_paid", "No customer and nothing paid"
    UNREADABLE_CODE = "unreadable_code", "A code with a letter that cannot be read"
    TOO_LONG = "too_long", "A text that is too long"
    UNKNOWN_DEPARTMENT = "unknown_department", "A department that is not here"
    UNKNOWN_CUSTOMER = "unknown_customer", "A customer whom the source does not know"
    UNKNOWN_WORD = "unknown_word", "A word that is none of ours"
    NOT_SAID = "not_said", "A fact that has to be there"
    UNFIT = "unfit", "Facts that do not fit together"
    TOO_FEW = "too_few", "A group of fewer than eight"
    SAID_TWICE = "said_twice", "The same fact twice in the file"


class BadCell(Exception):
    """A value that cannot be used: the reason, the sentence that says it, and which fact it is."""

    def __init__(self, reason: Reason, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.field = field

    def of(self, field: str) -> "BadCell":
        """The same, said of this fact."""
        return BadCell(self.reason, self.sentence, field)
