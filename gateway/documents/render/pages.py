"""The contract between the readers of one document type each (PDF, TIFF) and the fax that is made of their pages."""

from types import TracebackType
from typing import Protocol, Self

from PIL import Image

from gateway.documents.render.paper import Sheet


class Pages(Protocol):
    """An opened document. `count` is known before any page is drawn, because a header line may print it."""

    @property
    def count(self) -> int: ...

    def draw(self, index: int, sheet: Sheet, below: int = 0) -> Image.Image:
        """The page as a bilevel image (mode "1") of the sheet's size, its first `below` rows white; RenderError."""
        ...

    def shades(self, index: int, sheet: Sheet) -> Image.Image | None:
        """The page before it is made black and white (mode "L"); None where it has always been; RenderError."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
