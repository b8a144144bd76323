"""Peak memory of one call, in a process of its own, above what its imports take. Linux only."""

import importlib
import subprocess
import sys
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def bytes_above_imports(module: str, function: str, path: Path) -> int:
    """What `function(path)` of a module needs at its peak."""
    here = [sys.executable, "-m", "benchmarks.memory", module, function, str(path)]
    done = subprocess.run(here, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def held(kind: str) -> int:
    """Resident memory in bytes: VmRSS now, VmHWM at its peak."""
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(kind))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    module, function, path = sys.argv[1:]
    call = getattr(importlib.import_module(module), function)
    RESET.write_text("5")  # the peak begins anew
    before = held("VmRSS")
    call(Path(path))
    print(held("VmHWM") - before)
