"""Staff facts come as a file, in groups that hide each of them."""

from datetime import date

import pytest

from customers.models import SetAsideRow, StaffMonth

HEADER = "department,group,month,headcount,trained,leavers,engagement,answers"


@pytest.fixture
def brought(bring):
    def run(*rows):
        return bring("import_staff", HEADER, *rows, options=())

    return run


def test_a_group_and_month_is_stored_and_changed_when_it_is_sent_again(brought, sales):
    assert brought("sales,Store North,2024-02,12,9,1,71.5,10")["new"] == 1
    assert brought("Sales,Store North,2024-02-01,12,10,1,71.5,10")["changed"] == 1
    staff = StaffMonth.objects.get()
    assert (staff.department, staff.month, staff.trained) == (sales, date(2024, 2, 1), 10)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("Sales,North,2024-02,7,,,,", "A group of fewer than 8 people would show single ones."),
        ("Sales,North,2024-02,12,13,,,", "More people are trained than there are."),
        ("Sales,North,2024-02,12,,,70,7", "Engagement is kept where 8 people or more have"),
        ("Sales,North,2024-02,12,,,70,", "Engagement is kept where 8 people or more have"),
        ("Nowhere,North,2024-02,12,,,,", "There is no department Nowhere."),
        ("Sales,,2024-02,12,,,,", "The row has no group."),
        ("Sales,North,2099-02,12,,,,", "The month is still to come."),
        ("Sales,North,2024-02,,,,,", "The row has no headcount."),
    ],
)
def test_a_bad_row_is_set_aside_and_what_it_said_is_not_kept(brought, row, sentence):
    (aside,) = brought(row)["set_aside"]
    assert aside["sentence"].startswith(sentence)
    assert not StaffMonth.objects.exists()
    assert list(SetAsideRow.objects.values_list("raw", "value")) == [("", "")]
