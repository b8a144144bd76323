"""A file of staff facts: one row a group and month, of eight people or more."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date

from django.db.models import Model, QuerySet, TextChoices

from customers.cash.changes import let_values_become_due
from customers.imports.columns import Columns
from customers.imports.facts.kind import Facts
from customers.imports.facts.sheet import Cells, UnusableRow
from customers.imports.notation.reasons import Reason
from customers.models import SMALLEST_STAFF_GROUP, Department, StaffMonth, Upload


class Fact(TextChoices):
    """A fact that a row of staff facts can hold."""

    DEPARTMENT = "department", "Department"
    GROUP = "group", "Group"
    MONTH = "month", "Month"
    HEADCOUNT = "headcount", "Headcount"
    TRAINED = "trained", "Trained people"
    LEAVERS = "leavers", "Leavers"
    ENGAGEMENT = "engagement", "Engagement"
    ANSWERS = "answers", "Answers"


COLUMNS = Columns(
    names={
        Fact.DEPARTMENT: "department dept departmentname",
        Fact.GROUP: "group groupname team teamname site store location",
        Fact.MONTH: "month period yearmonth date",
        Fact.HEADCOUNT: "headcount staff employees fte people averageheadcount",
        Fact.TRAINED: "trained certified trainedstaff",
        Fact.LEAVERS: "leavers left leavings turnover departures",
        Fact.ENGAGEMENT: "engagement engagementscore attitude esat",
        Fact.ANSWERS: "answers answered respondents responses",
    },
    needed=(Fact.DEPARTMENT, Fact.GROUP, Fact.MONTH, Fact.HEADCOUNT),
    days=(Fact.MONTH,),
    numbers=(Fact.HEADCOUNT, Fact.TRAINED, Fact.LEAVERS, Fact.ENGAGEMENT, Fact.ANSWERS),
)
LONGEST_GROUP = StaffMonth._meta.get_field("group").max_length


class StaffMonths(Facts):
    """A group of fewer than eight is refused, and its row is not kept among those set aside."""

    columns = COLUMNS
    model = StaffMonth
    values = ("headcount", "trained", "leavers", "engagement", "answers")
    keeps_bad_rows = False

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload)
        self._departments = {
            name.casefold(): pk for name, pk in Department.objects.values_list("name", "pk")
        }

    def read(self, cells: Cells) -> StaffMonth:
        staff = StaffMonth(
            department_id=self._department(cells),
            group=cells.code(Fact.GROUP, LONGEST_GROUP),
            month=cells.month(Fact.MONTH),
            headcount=_headcount(cells),
            trained=cells.count(Fact.TRAINED),
            leavers=cells.count(Fact.LEAVERS),
            engagement=cells.score(Fact.ENGAGEMENT),
            answers=cells.count(Fact.ANSWERS),
        )
        if staff.trained is not None and staff.trained > staff.headcount:
            raise UnusableRow("More people are trained than there are.", Fact.TRAINED)
        if staff.engagement is not None and (staff.answers or 0) < SMALLEST_STAFF_GROUP:
            raise UnusableRow(
                f"Engagement is kept where {SMALLEST_STAFF_GROUP} people or more have answered,"
                " and the row says how many.",
                Fact.ANSWERS,
                Reason.TOO_FEW,
            )
        return staff

    def key_of(self, fact: StaffMonth) -> tuple[Hashable, ...]:
        return fact.department_id, fact.group, fact.month

    def like(self, facts: Sequence[StaffMonth]) -> QuerySet:
        return StaffMonth.objects.filter(
            group__in={fact.group for fact in facts}, month__in={fact.month for fact in facts}
        )

    def day_of(self, fact: StaffMonth) -> date:
        return fact.month

    def note_change(self, facts: Iterable[Model]) -> None:
        """They have no source; figures follow the same count of changes as values."""
        let_values_become_due()

    def _department(self, cells: Cells) -> int:
        text = cells.code(Fact.DEPARTMENT, longest=80)
        if text.casefold() not in self._departments:
            sentence = f"There is no department {text}."
            raise UnusableRow(sentence, Fact.DEPARTMENT, Reason.UNKNOWN_DEPARTMENT)
        return self._departments[text.casefold()]


def _headcount(cells: Cells) -> int:
    headcount = cells.count(Fact.HEADCOUNT)
    if headcount is None:
        raise UnusableRow("The row has no headcount.", Fact.HEADCOUNT, Reason.NOT_SAID)
    if headcount < SMALLEST_STAFF_GROUP:
        raise UnusableRow(
            f"A group of fewer than {SMALLEST_STAFF_GROUP} people would show single ones."
            " Put it together with another.",
            Fact.HEADCOUNT,
            Reason.TOO_FEW,
        )
    return headcount
