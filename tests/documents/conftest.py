"""Made-up documents of every kind, as their senders' programs would make them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
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


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


class OfficeDocuments:
    """The least that LibreOffice opens, written by hand."""

    def zipped(self, parts: Mapping[str, str | bytes]) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            for name, part in parts.items():
                package.writestr(name, part, zipfile.ZIP_STORED if name == "mimetype" else None)
        return target.getvalue()

    def docx(self, *paragraphs: str, body: str = "", **parts: str | bytes) -> bytes:
        """`body` is WordprocessingML; `parts` are further ones, with __ for / in their names."""
        texts = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in paragraphs)
        document = f'<?xml version="1.0"?><w:document xmlns:w="{_W}"><w:body>{texts}{body}</w:body></w:document>'
        main = {"word/document.xml": document} | {name.replace("__", "/"): part for name, part in parts.items()}
        return self._ooxml("word/document.xml", "wordprocessingml.document.main", main)

    def xlsx(self, rows: list[list[str]], print_area: str | None = None) -> bytes:
        cell = '<c t="inlineStr"><is><t>%s</t></is></c>'
        cells = "".join(f"<row>{''.join(cell % text for text in row)}</row>" for row in rows)
        names = ""
        if print_area is not None:
            named = f'<definedName name="_xlnm.Print_Area" localSheetId="0">List!{print_area}</definedName>'
            names = f"<definedNames>{named}</definedNames>"
        return self._ooxml(
            "xl/workbook.xml",
            "spreadsheetml.sheet.main",
            {
                "xl/workbook.xml": f'<workbook xmlns="{_S}" xmlns:r="{_R}"><sheets><sheet name="List" sheetId="1" '
                f'r:id="r1"/></sheets>{names}</workbook>',
                "xl/_rels/workbook.xml.rels": self.relationships("worksheet", "worksheets/sheet1.xml"),
                "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_S}"><sheetData>{cells}</sheetData></worksheet>',
            },
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_OOXML}spreadsheetml.worksheet+xml"/>',
        )

    def with_parts(self, package: bytes, parts: Mapping[str, str | bytes]) -> bytes:
        """The same document with more in it."""
        with zipfile.ZipFile(io.BytesIO(package)) as old:
            return self.zipped({name: old.read(name) for name in old.namelist()} | dict(parts))

    def odt(
        self,
        *paragraphs: str,
        body: str = "",
        manifest: str = "",
        scripts: str = "",
        listed: tuple[str, ...] = (),
    ) -> bytes:
        texts = "".join(f"<text:p>{each}</text:p>" for each in paragraphs)
        mimetype = "application/vnd.oasis.opendocument.text"
        names = {each: f"{_ODF}:{each}:1.0" for each in ("office", "text", "table")}
        names |= {"draw": f"{_ODF}:drawing:1.0", "svg": f"{_ODF}:svg-compatible:1.0"}
        names["xlink"] = "http://www.w3.org/1999/xlink"
        namespaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in names.items())
        entry = "<manifest:file-entry manifest:full-path="
        more = "".join(f'{entry}"{name}" manifest:media-type="text/xml"/>' for name in listed)
        return self.zipped(
            {
                "mimetype": mimetype,
                "content.xml": f'<office:document-content {namespaces} office:version="1.3">{scripts}<office:body>'
                f"<office:text>{texts}{body}</office:text></office:body></office:document-content>",
                "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0">'
                f'{entry}"/" manifest:media-type="{mimetype}"/>'
                f'{entry}"content.xml" manifest:media-type="text/xml">{manifest}</manifest:file-entry>'
                f"{more}</manifest:manifest>",
            }
        )

    def rtf(self, text: str, more: str = "") -> bytes:
        return f"{{\\rtf1\\ansi{more}\\pard {text}\\par}}".encode("ascii")

    def relationships(self, kind: str, target: str, mode: str = "Internal") -> str:
        return (
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_R}/{kind}" '
            f'Target="{target}" TargetMode="{mode}"/></Relationships>'
        )

    def _ooxml(self, main: str, content_type: str, parts: Mapping[str, str | bytes], types: str = "") -> bytes:
        content_types = (
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/{main}" ContentType="{_OOXML}{content_type}+xml"/>{types}</Types>'
        )
        start = {"[Content_Types].xml": content_types, "_rels/.rels": self.relationships("officeDocument", main)}
        return self.zipped(start | dict(parts))

    def ole(self, streams: Mapping[str, bytes]) -> bytes:
        """A compound file of version 3 ([MS-CFB]) with up to 100 KB in the root's streams, each in whole sectors."""
        sectors: list[bytes] = [b""]  # the first one is that of the FAT
        fat = [0xFFFFFFFD]
        rows = [("Root Entry", 5, 0xFFFFFFFE, 0)]
        for name, data in streams.items():
            padded = data.ljust(4096, b"\0")  # smaller ones would need a mini stream
            padded += bytes(-len(padded) % 512)
            rows.append((name, 2, len(sectors), len(padded)))
            pieces = [padded[at : at + 512] for at in range(0, len(padded), 512)]
            fat += [*range(len(sectors) + 1, len(sectors) + len(pieces)), 0xFFFFFFFE]
            sectors += pieces
        directory = b"".join(self._ole_entry(number, len(rows), *row) for number, row in enumerate(rows))
        directory += bytes(-len(directory) % 512)
        first = len(sectors)
        pieces = [directory[at : at + 512] for at in range(0, len(directory), 512)]
        fat += [*range(first + 1, first + len(pieces)), 0xFFFFFFFE]
        sectors += pieces
        sectors[0] = struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat)))
        head = struct.pack(
            "<8s16sHHHHHHIIIIIIIIIII",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, 0,
            0, 1, first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0,
        )  # fmt: skip
        return head.ljust(512, b"\xff") + b"".join(sectors)

    def _ole_entry(self, number: int, count: int, name: str, kind: int, start: int, size: int) -> bytes:
        encoded = name.encode("utf-16-le") + b"\0\0"
        none = 0xFFFFFFFF
        right = number + 1 if 0 < number < count - 1 else none
        child = 1 if number == 0 and count > 1 else none
        links = struct.pack("<HBBIII", len(encoded), kind, 1, none, right, child)
        return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


_OOXML = "application/vnd.openxmlformats-officedocument."


@pytest.fixture(scope="session")
def office() -> OfficeDocuments:
    return OfficeDocuments()


@pytest.fixture(scope="session")
def ole(office: OfficeDocuments) -> Callable[[Mapping[str, bytes]], bytes]:
    return office.ole


class Winmails:
    """TNEF as Outlook writes it ([MS-OXTNEF]), by hand."""

    STRING, UNICODE, OBJECT, BINARY = 0x1E, 0x1F, 0x0D, 0x0102  # [MS-OXCDATA] §2.11.1
    BODY, HTML, RTF, SUBJECT, LONG_NAME, DATA, MIME_TAG, CONTENT_ID = (  # [MS-OXPROPS]
        *(0x1000, 0x1013, 0x1009, 0x0037, 0x3707, 0x3701, 0x370E, 0x3712),
    )

    def winmail(self, *attributes: bytes, codepage: int = 1252) -> bytes:
        start = self.attribute(1, 0x9006, 8, struct.pack("<I", 0x10000))
        start += self.attribute(1, 0x9007, 6, struct.pack("<II", codepage, 0))
        return b"\x78\x9f\x3e\x22\x01\0" + start + b"".join(attributes)

    def attribute(self, level: int, name: int, kind: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    def message(self, *properties: bytes) -> bytes:
        return self.attribute(1, 0x9003, 6, self.properties(*properties))

    def properties(self, *properties: bytes) -> bytes:
        return struct.pack("<I", len(properties)) + b"".join(properties)

    def prop(self, name: int, kind: int, value: bytes) -> bytes:
        if kind == self.UNICODE:
            value += b"\0\0"
        elif kind == self.STRING:
            value += b"\0"
        return struct.pack("<HHII", kind, name, 1, len(value)) + value + bytes(-len(value) % 4)

    def attachment(self, name: bytes, data: bytes | None, *properties: bytes) -> bytes:
        start = self.attribute(2, 0x9002, 6, bytes(14)) + self.attribute(2, 0x8010, 1, name + b"\0")
        content = self.attribute(2, 0x800F, 6, data) if data is not None else b""
        more = self.attribute(2, 0x9005, 6, self.properties(*properties)) if properties else b""
        return start + content + more

    def embedded(self, name: bytes, winmail: bytes) -> bytes:
        """A message that is attached; IID_IMessage stands before it."""
        identity = b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"
        return self.attachment(name, None, self.prop(self.DATA, self.OBJECT, identity + winmail))

    def claims_everything(self) -> bytes:
        """118 bytes that say that they hold 2^32 properties."""
        return self._of_118_bytes(struct.pack("<IHHII", 0xFFFFFFFF, self.BINARY, self.SUBJECT, 1, 0x7FFFFFFF))

    def claims_every_value(self) -> bytes:
        """118 bytes that say that they hold one property with 2^32 values ([MS-OXCDATA] §2.11.1, PtypMultiple...)."""
        return self._of_118_bytes(struct.pack("<IHHI", 1, 0x1003, self.SUBJECT, 0xFFFFFFFF))

    def _of_118_bytes(self, claims: bytes) -> bytes:
        start = self.winmail()
        head = struct.pack("<BHHI", 1, 0x9003, 6, 118 - len(start) - 11)
        return (start + head + claims).ljust(118, b"\0")


@pytest.fixture(scope="session")
def outlook() -> Winmails:
    return Winmails()
