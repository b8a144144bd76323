"""What each process of the site loads: starting has to be quick, and memory is not free."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_web_process_loads_neither_the_engine_nor_lifetimes_nor_pandas(tmp_path):
    code = (
        "import sys, clvsite.wsgi, clvsite.urls;"
        "print(sorted({'scipy', 'pandas', 'lifetimes'} & sys.modules.keys()))"
    )
    environment = os.environ | {"CLVSITE_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_the_production_settings_pass_the_deployment_check(tmp_path):
    environment = os.environ | {
        "CLVSITE_DATA": str(tmp_path),
        "CLVSITE_ENV": "production",
        "CLVSITE_HOSTS": "clv.example.com",
        "CLVSITE_SECRET_KEY": "k" * 60 + "0123456789abc",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
