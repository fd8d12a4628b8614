"""How a sandbox is started."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    listen_host: str = "127.0.0.1"
    listen_port: int = 9100  # 0: a free one
    data_dir: Path
    report_smtp: tuple[str, int] | None = None  # takes the ReportMails; None: none are sent
    render: bool = True
    fixed_answer_ms: int | None = None  # every send is answered after this time; for benchmarks
    seed: int | None = None  # of the data centre and the job id that a job gets
