"""Draw every tab of the demo's workbook as its owner sees it: `make screens` renews docs/screens.

LibreOffice makes pages of the workbook, poppler makes pictures of the pages; both have to be installed.
"""

import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from exports.layout import LAYOUT

SCREENS = Path(__file__).parent / "screens"
WIDTH, HEIGHT, DOTS_PER_INCH = 1600, 1000, 72
COLOURS, SHADES = 200, 4
ROWS = 70
PATIENCE = 300

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>ru-RU</value></prop>
</item>
</oor:items>
"""
AS_ONE_PAGE = 'pdf:calc_pdf_Export:{"SinglePageSheets":{"type":"boolean","value":"true"}}'

_PLACED = re.compile(
    rb'<row r="(?P<row>\d+)"(?:[^>]*/>|[^>]*>.*?</row>)|<hyperlink ref="[A-Z]+(?P<linked>\d+)"[^>]*/>',
    re.DOTALL,
)
_PAPER = re.compile(rb"<pageSetUpPr[^>]*/>|<pageSetup [^>]*/>|<(row|col)Breaks.*?</(row|col)Breaks>")

Pixels = NDArray[np.uint8]


def main() -> None:
    for tool in ("soffice", "pdftoppm"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not installed: LibreOffice and poppler-utils draw the pictures.")
    with tempfile.TemporaryDirectory(prefix="vitrina-screens-") as name:
        folder = Path(name)
        book = Path(sys.argv[1]) if len(sys.argv) > 1 else demo(folder)
        pages = drawn(book, folder)
    if len(pages) != len(LAYOUT):
        sys.exit(f"{len(LAYOUT)} tabs, {len(pages)} pages: nothing was kept.")
    SCREENS.mkdir(exist_ok=True)
    for old in SCREENS.glob("*.png"):
        old.unlink()
    for number, (tab, page) in enumerate(zip(LAYOUT, pages, strict=True), 1):
        (SCREENS / f"{number:02}-{tab.key}.png").write_bytes(png(page))


def demo(folder: Path) -> Path:
    """The workbook of the made-up company."""
    vitrina = Path(sys.executable).with_name("vitrina")
    run(str(vitrina), "demo", "--once", "--folder", str(folder))
    return folder / "vitrina-demo.xlsx"


def drawn(book: Path, folder: Path) -> list[Pixels]:
    """The upper left corner of every tab, in the manner of a Russian reader's screen."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
    book = opening(book, folder / "opening.xlsx")
    run(
        "soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless",
        "--convert-to", AS_ONE_PAGE, "--outdir", str(folder), str(book),
    )  # fmt: skip
    corner = ["-x", "0", "-y", "0", "-W", str(WIDTH), "-H", str(HEIGHT)]
    run("pdftoppm", "-r", str(DOTS_PER_INCH), *corner, str(folder / f"{book.stem}.pdf"), str(folder / "page"))
    return [read(path) for path in sorted(folder.glob("page-*.ppm"))]


def opening(book: Path, copy: Path) -> Path:
    """The workbook with the first rows of every tab alone, and without what fits tabs to sheets of paper."""
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = _PAPER.sub(b"", _PLACED.sub(_kept, content))
            new.writestr(name, content)
    return copy


def _kept(placed: re.Match[bytes]) -> bytes:
    return placed[0] if int(placed["row"] or placed["linked"]) <= ROWS else b""


def run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)


def read(path: Path) -> Pixels:
    """A picture as poppler writes it: `P6`, its size, the deepest shade, then three bytes a pixel."""
    _, size, _, content = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(content, dtype=np.uint8).reshape(height, width, 3)


def png(pixels: Pixels) -> bytes:
    """The picture in its commonest colours: a third of the size, and nobody sees the difference."""
    palette, numbers = reduced(pixels)
    height, width = numbers.shape
    lines = np.hstack([np.zeros((height, 1), dtype=np.uint8), numbers])
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def reduced(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """The palette, and for every pixel the number of the colour next to its own.

    Shades of one colour are counted together, so that letters of a rare colour keep it.
    """
    colours, place, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    _, shade = np.unique(colours >> SHADES, axis=0, return_inverse=True)
    order = np.argsort(-counts, kind="stable")
    commonest = order[np.unique(shade.reshape(-1)[order], return_index=True)[1]]
    weight = np.bincount(shade.reshape(-1), weights=counts)
    palette = colours[commonest[np.argsort(-weight, kind="stable")[:COLOURS]]]
    distance = ((colours[:, None, :].astype(int) - palette[None, :, :].astype(int)) ** 2).sum(axis=2)
    numbers = distance.argmin(axis=1).astype(np.uint8)[place.reshape(-1)]
    return palette, numbers.reshape(pixels.shape[:2])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    main()
