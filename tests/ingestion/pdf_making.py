"""Small PDF files written by hand, so that a test knows where every word stands."""

from __future__ import annotations

import textwrap
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

COURIER_WIDTH = 0.6  # of the type size, every letter
_FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Courier", "F4": "Courier-Bold"}
_LIGATURES = "<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [1 /fi 2 /fl] >>"


@dataclass
class Page:
    """Marks on one page; x to the right and y upwards in points, as in PDF."""

    width: float = 595
    height: float = 842
    extra: str = ""  # entries of the page's dictionary, such as /Rotate 90
    marks: list[str] = field(default_factory=list)
    images: list[Image.Image] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 10,
        font: str = "F3",
        mode: int = 0,
        matrix: str = "1 0 0 1",
    ) -> Page:
        """One line of text with its baseline at y; `mode` 3 is invisible."""
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        self.marks.append(f"BT /{font} {size} Tf {mode} Tr {matrix} {x:.2f} {y:.2f} Tm ({escaped}) Tj ET")
        return self

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        *,
        characters: int = 80,
        size: float = 10,
        font: str = "F3",
        pitch: float = 12,
    ) -> float:
        """Text wrapped to lines of so many Courier letters; returns the y of the line that would follow."""
        for line in textwrap.wrap(text, characters, break_on_hyphens=False):
            self.text(x, y, line, size=size, font=font)
            y -= pitch
        return y

    def line(self, x0: float, y0: float, x1: float, y1: float) -> Page:
        self.marks.append(f"0.5 w {x0} {y0} m {x1} {y1} l S")
        return self

    def box(self, x: float, y: float, width: float, height: float) -> Page:
        self.marks.append(f"0.5 w {x} {y} {width} {height} re S")
        return self

    def image(self, image: Image.Image) -> Page:
        """An image over the whole page."""
        self.images.append(image.convert("L"))
        self.marks.append(f"q {self.width} 0 0 {self.height} 0 0 cm /I{len(self.images) - 1} Do Q")
        return self


def write_pdf(path: Path, *pages: Page, unmapped: bool = False) -> Path:
    """Write `pages` to `path`; with `unmapped`, every letter maps to a private-use character."""
    objects: list[bytes] = [b"", b""]  # catalogue and page tree, written last

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    def stream(entries: str, data: bytes) -> int:
        packed = zlib.compress(data)
        return add(
            f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"
        )

    to_unicode = ""
    if unmapped:
        ranges = "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <21> <FF> <E021> endbfrange"
        to_unicode = f"/ToUnicode {stream('', ranges.encode())} 0 R"

    def font(name: str) -> int:
        return add(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding {_LIGATURES} {to_unicode} >>".encode())

    def picture(image: Image.Image) -> int:
        size = f"/Width {image.width} /Height {image.height}"
        entries = f"/Type /XObject /Subtype /Image {size} /ColorSpace /DeviceGray /BitsPerComponent 8"
        return stream(entries, image.tobytes())

    fonts = " ".join(f"/{key} {font(name)} 0 R" for key, name in _FONTS.items())
    kids = []
    for page in pages:
        pictures = " ".join(f"/I{index} {picture(image)} 0 R" for index, image in enumerate(page.images))
        content = stream("", "\n".join(page.marks).encode("cp1252"))
        kids.append(
            add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width} {page.height}] {page.extra} "
                f"/Resources << /Font << {fonts} >> /XObject << {pictures} >> >> /Contents {content} 0 R >>".encode()
            )
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] /Count {len(kids)} >>".encode()
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(out)
    return path
