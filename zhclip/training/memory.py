"""Memory of a training process on a CPU."""

from __future__ import annotations

import ctypes

# Of glibc's mallopt(3).
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4
_NEVER = 2**31 - 1
_AT_ONCE = 512 * 2**20


def keep_freed_memory() -> None:
    """Have glibc keep what is freed for the next step, as PyTorch does on a GPU.

    It gives large blocks back to the system as soon as they are freed, and a convolutional
    tower then spends more than half of a step on faulting the same pages in again
    (``benchmarks/freed_memory.py``). Elsewhere than on glibc nothing is changed.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_M_MMAP_MAX, 0)
    mallopt(_M_TRIM_THRESHOLD, _NEVER)
    mallopt(_M_TOP_PAD, _AT_ONCE)
