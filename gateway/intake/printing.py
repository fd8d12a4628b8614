"""How the pages of a job come out of its first recipient's machine, as far as we can tell. Pure.

Stationery (`overlay`) lies at the fax service: nobody else can put it on a page.
"""

from gateway.documents.render import HeaderError, HeaderLine, Paper, RenderError, RenderOptions, Resolution
from gateway.spool.job import Job


def printing_of(job: Job) -> RenderOptions:
    """Times in the header line are UTC where it names no zone. Raises RenderError for a line that nobody can print."""
    options = job.options
    return RenderOptions(
        paper=Paper.LETTER if options.paper_format == "LETTER" else Paper.A4,
        resolution=Resolution.LOW if options.resolution == "LOW" else Resolution.HIGH,
        header=_header(options.header) if options.header is not None else None,
        number=job.recipients[0].number,
        csid=options.csid or "",
        moment=job.sent_at or job.start_at,
    )


def _header(line: str) -> HeaderLine:
    try:
        return HeaderLine.parse(line)
    except HeaderError as error:
        raise RenderError("the header line", str(error)) from error
