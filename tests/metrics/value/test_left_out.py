"""What was sent but is no purchase: told by reason, and of purchases only."""

from datetime import date

import pytest

from customers.models import SetAsideRow, Source, Upload
from metrics.value.storage.reading import left_out


@pytest.mark.parametrize(("holds", "told"), [("purchases", 1), ("interactions", 0)])
def test_rows_set_aside_count_where_the_file_held_purchases(sales, holds, told):
    upload = Upload.objects.create(
        source=Source.objects.create(name="Till"), department=sales, file_name="a.csv", holds=holds
    )
    SetAsideRow.objects.create(
        upload=upload, doing="import", number=2, reason="no_date", sentence="No day.", raw="x"
    )
    assert sum(left_out(date(2026, 1, 1)).values()) == told
