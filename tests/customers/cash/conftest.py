"""Purchases as files bring them, for what is read from them."""

from itertools import count

import pytest

from customers.imports.loader import import_file


@pytest.fixture
def imported(company, sales, settings, tmp_path):
    """Import rows below a header, looked after by Sales unless another department is given."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    numbers = count()

    def bring(header, *rows, department=sales, source="web shop"):
        path = tmp_path / f"{next(numbers)}.csv"
        path.write_text("\n".join([header, *rows]))
        return import_file(path, source_name=source, department=department)

    return bring
