"""Made-up documents of every kind, as their senders' programs would make them."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Pdf, Stream
from PIL import Image, ImageDraw


class Documents:
    """A page is drawn with a triangle in its upper right corner, so that one sees which side is up."""

    def pdf(self, change: Callable[[Pdf], None] | None = None, *, pages: int = 1, **save: Any) -> bytes:
        target = io.BytesIO()
        with pikepdf.new() as pdf:
            for number in range(1, pages + 1):
                page = pdf.add_blank_page()
                page.obj.Contents = Stream(pdf, b"%d 0 m 99 99 l S\n" % number * 20)
            if change is not None:
                change(pdf)
            plain: dict[str, Any] = {
                "object_stream_mode": pikepdf.ObjectStreamMode.disable,
                "compress_streams": False,
            }
            if "encryption" not in save:
                plain["stream_decode_level"] = pikepdf.StreamDecodeLevel.none
            pdf.save(target, **plain | save)
        return target.getvalue()

    def compressed(self, *, pages: int = 1) -> bytes:
        """With object streams, as newer programs write it."""
        return self.pdf(pages=pages, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    def locked(self, *, user: str = "", owner: str = "secret") -> bytes:
        return self.pdf(encryption=pikepdf.Encryption(user=user, owner=owner))

    def form(self, *, dynamic: bool) -> bytes:
        def add(pdf: Pdf) -> None:
            fields = [] if dynamic else [pdf.make_indirect(Dictionary(FT=Name.Tx, T="name", V="Jana"))]
            pdf.Root.AcroForm = Dictionary(Fields=fields, XFA=Stream(pdf, b"<xdp:xdp/>"))

        return self.pdf(add)

    def packed_twice(self) -> bytes:
        """A page of a few hundred bytes that unfolds to 20 MB."""
        packed = zlib.compress(zlib.compress(bytes(20_000_000)))

        def add(pdf: Pdf) -> None:
            pdf.pages[0].obj.Contents = Stream(pdf, packed, Filter=[Name.FlateDecode, Name.FlateDecode])

        return self.pdf(add)

    def packed_far(self, megabytes: int) -> bytes:
        """A page that unfolds to so much, packed once."""
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        block = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
        packed = b"\x78\x9c" + block * megabytes + zlib.compressobj(wbits=-zlib.MAX_WBITS).flush()

        def add(pdf: Pdf) -> None:
            pdf.pages[0].obj.Contents = Stream(pdf, packed, Filter=Name.FlateDecode)

        return self.pdf(add)

    def objects_packed(self, item: bytes, megabytes: int, *, streams: int = 1) -> bytes:
        """Pages in object streams that hold nothing but `item`, over and over: what qpdf must read to count them."""
        out = bytearray(b"%PDF-1.5\n")
        at: dict[int, int] = {}

        def add(number: int, body: bytes) -> None:
            at[number] = len(out)
            out.extend(b"%d 0 obj\n%b\nendobj\n" % (number, body))

        kids = b" ".join(b"%d 0 R" % (100 + index) for index in range(streams))
        add(1, b"<</Type/Catalog/Pages 2 0 R>>")
        add(2, b"<</Type/Pages/Count %d/Kids[%b]>>" % (streams, kids))
        for index in range(streams):
            head = b"%d 0 " % (100 + index)
            page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>/X[%b]>>"
            packed = zlib.compress(head + page % (item * (megabytes * 1_000_000 // len(item))), 9)
            facts = (len(head), len(packed), packed)
            stream = b"<</Type/ObjStm/N 1/First %d/Filter/FlateDecode/Length %d>>stream\n%b\nendstream"
            add(10 + index, stream % facts)
        last = 100 + streams
        at[last] = len(out)
        rows = bytearray()
        for number in range(last + 1):
            if number in at:
                rows += b"\x01" + at[number].to_bytes(4) + b"\0"
            elif number >= 100:
                rows += b"\x02" + (number - 90).to_bytes(4) + b"\0"
            else:
                rows += bytes(6)
        table = b"<</Type/XRef/W[1 4 1]/Size %d/Root 1 0 R/Length %d>>stream\n%b\nendstream"
        out += b"%d 0 obj\n%b\nendobj\n" % (last, table % (last + 1, len(rows), bytes(rows)))
        return bytes(out) + b"startxref\n%d\n%%%%EOF" % at[last]

    def picture(self, width: int = 300, height: int = 400, mode: str = "RGB") -> Image.Image:
        image = Image.new("RGB", (width, height), "white")
        draw = ImageDraw.Draw(image)
        draw.polygon([(width * 0.8, 0), (width - 1, height * 0.3), (width * 0.6, height * 0.3)], fill="darkred")
        return image.convert(mode)

    def saved(self, image: Image.Image, form: str, **options: Any) -> bytes:
        target = io.BytesIO()
        image.save(target, form, **options)
        return target.getvalue()

    def tiff(self, *images: Image.Image, compression: str | None = "group4", **options: Any) -> bytes:
        first, *others = images or (self.picture(1728, 2291, "1"),)
        save = {"compression": compression, "save_all": True, "append_images": others} | options
        return self.saved(first, "TIFF", **save)

    def turned(self, orientation: int, form: str = "JPEG") -> bytes:
        """The upright picture, stored as a camera does that was held so (Exif, Orientation)."""
        back = {
            1: None,
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }[orientation]
        exif = Image.Exif()
        exif[274] = orientation
        image = self.picture()
        return self.saved(image if back is None else image.transpose(back), form, exif=exif)


@pytest.fixture(scope="session")
def documents() -> Documents:
    return Documents()
