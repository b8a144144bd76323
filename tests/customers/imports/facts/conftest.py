"""Commands that bring a file of facts, run as on the command line, answered as JSON."""

import json

import pytest
from django.core.management import call_command


@pytest.fixture
def bring(company, sales, tmp_path, capsys):
    def run(command, *rows, options=("--source", "billing")):
        path = tmp_path / "facts.csv"
        path.write_text("\n".join(rows))
        call_command(command, path, *options, "--json")
        return json.loads(capsys.readouterr().out)

    return run
