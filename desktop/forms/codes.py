"""Barcodes as one filled path each (STACK-desktop §6): DataMatrix for a scanner, Code 128 for the serial."""

from __future__ import annotations

from functools import lru_cache

import zxingcpp

MM = 72 / 25.4
DATAMATRIX_MODULE = 0.6 * MM
CODE128_MODULE = 0.34 * MM
CODE128_HEIGHT = 8.5 * MM

Bars = tuple[tuple[int, int, int], ...]


@lru_cache(maxsize=256)
def datamatrix(text: str) -> tuple[int, Bars]:
    """(modules a side, dark stretches as (row, first column, length)) of a square ECC 200 symbol."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    return _bars(made)


@lru_cache(maxsize=256)
def code128(text: str) -> tuple[int, Bars]:
    """(modules wide, dark stretches of the one row)."""
    width, bars = _bars(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128))
    return width, tuple(b for b in bars if b[0] == 0)


@lru_cache(maxsize=256)
def gs1_datamatrix(elements: tuple[tuple[str, str], ...]) -> tuple[int, Bars]:
    """A square GS1 DataMatrix of (identifier, content); the separator FNC1 stands between them. No content may hold a
    bracket: the maker of the symbol reads those as the start of an identifier."""
    text = "".join(f"({name}){content}" for name, content in elements)
    return _bars(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True))


def _bars(made: zxingcpp.Barcode) -> tuple[int, Bars]:
    image = made.to_image(scale=1, add_quiet_zones=False)
    rows, columns = image.shape[:2]
    raw = bytes(memoryview(image))  # type: ignore[arg-type]  # it is a buffer, which its stubs leave out
    out: list[tuple[int, int, int]] = []
    for r in range(rows):
        row, start = raw[r * columns : (r + 1) * columns], None
        for c in range(columns + 1):
            dark = c < columns and row[c] < 128
            if dark and start is None:
                start = c
            elif not dark and start is not None:
                out.append((r, start, c - start))
                start = None
    return columns, tuple(out)


def page_code(form: str, serial: str, key: str) -> str:
    """What the DataMatrix of a page says (CLINICAL §6)."""
    return f"WL1|{form}|{serial}|{key}"
