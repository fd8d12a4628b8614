"""What a process has in memory for itself (proc(5), status)."""

from pathlib import Path
from typing import Literal


def resident(process_id: int | Literal["self"]) -> int:
    """Bytes, now; 0 where the process is gone."""
    return _field(process_id, "VmRSS")


def peak(process_id: int | Literal["self"]) -> int:
    """Bytes, at most since its program was started; 0 where the process is gone."""
    return _field(process_id, "VmHWM")


def _field(process_id: int | str, name: str) -> int:
    try:
        lines = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)
