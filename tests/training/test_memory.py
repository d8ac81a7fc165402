from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource, torch
from zhclip.training.memory import keep_freed_memory
if {keep}: keep_freed_memory()
for _ in range(4): torch.ones(2**24)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4): torch.ones(2**24)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(keep: bool) -> int:
    """How often the system hands out a page for four tensors of 64 MiB, after four others that are gone."""
    command = [sys.executable, "-c", FAULTS.format(keep=keep)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is Linux's")
def test_freed_memory_is_used_again() -> None:
    assert page_faults(keep=True) * 10 < page_faults(keep=False)
