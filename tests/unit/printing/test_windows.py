"""The pure parts of the Windows wire; the rest is unrun here, and says so."""

from __future__ import annotations

import ctypes
import struct
import sys

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.forms import catalogue
from desktop.printing import windows
from desktop.printing.cups import CANCELLED, COMPLETED, HELD, PENDING, PROCESSING, STOPPED
from desktop.printing.errors import NoPrintService
from desktop.printing.reasons import reason_words
from desktop.printing.windows import DevMode, grey_dib, job_of, place, reasons_of, wish
from desktop.printing.wire import A4, Facts, Ticket
from tests.unit.forms import paper


@pytest.mark.skipif(sys.platform == "win32", reason="there it is one")
def test_elsewhere_there_is_no_spooler_and_that_is_said() -> None:
    with pytest.raises(NoPrintService):
        windows.SpoolerWire()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, ()), (0x8, ("paper jam",)), (0x10, ("no paper",)),
        (0x80 | 0x20000, ("printer is off or unplugged", "toner nearly out")),
        (0x400000, ("door open",)), (0x1, ("paused",)),
    ],
)  # fmt: skip
def test_status_bits_in_words(status: int, words: tuple[str, ...]) -> None:
    """PRINTER_STATUS_* as winspool.h numbers them."""
    assert reason_words(reasons_of(status)) == words


def test_a_jam_keeps_a_printer_from_being_ready_and_low_toner_does_not() -> None:
    assert not Facts(name="x", reasons=reasons_of(0x8)).ready
    assert Facts(name="x", reasons=reasons_of(0x20000)).ready


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0, PENDING), (0x8, PENDING), (0x10, PROCESSING), (0x80, COMPLETED), (0x1000 | 0x2000, COMPLETED),
        (0x100, CANCELLED),
        (0x4, CANCELLED), (0x1, HELD), (0x2, STOPPED), (0x82, STOPPED),
    ],
)  # fmt: skip
def test_a_job_is_completed_only_when_it_printed_without_an_error(status: int, state: int) -> None:
    assert job_of(7, "W07AF02000015", status, 1).state == state


def test_a_job_that_still_spools_has_no_page_unless_one_is_out() -> None:
    assert job_of(7, "W", 0x8, 0).documents == 0
    assert job_of(7, "W", 0x8, 1).documents == 1
    assert job_of(7, "W", 0x10, 0).documents == 1


def test_settings_are_a4_actual_size_and_only_what_the_driver_knows() -> None:
    mode = DevMode()
    wish(
        mode, Ticket(sides="two-sided-long-edge", tray="Tray 2"), ("one-sided", "two-sided-long-edge"), {"Tray 2": 259}
    )
    assert (mode.paper_size, mode.scale, mode.orientation, mode.duplex, mode.default_source) == (9, 100, 1, 2, 259)
    assert mode.fields == 0x1 | 0x2 | 0x10 | 0x800 | 0x1000 | 0x200
    plain = DevMode()
    wish(plain, Ticket(sides="two-sided-long-edge", tray="Tray 9", size=(A4[1], A4[0])), ("one-sided",), {})
    assert (plain.orientation, plain.duplex, plain.default_source) == (2, 0, 0)
    assert not plain.fields & (0x1000 | 0x200)


def test_the_settings_lie_where_windows_reads_them() -> None:
    """DEVMODEW: the offsets of wingdi.h."""
    offsets = {
        "fields": 72,
        "orientation": 76,
        "paper_size": 78,
        "scale": 84,
        "default_source": 88,
        "color": 92,
        "duplex": 94,
    }
    assert {n: getattr(DevMode, n).offset for n in offsets} == offsets
    assert ctypes.sizeof(DevMode) == 96


def test_a_page_is_laid_at_actual_size_from_the_papers_corner() -> None:
    assert place(A4, (600, 600), (100, 98)) == (-100, -98, 4961, 7016)  # 210 mm and 297 mm at 600 dpi


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 7), st.randoms(use_true_random=False))
def test_a_picture_keeps_every_dot(width: int, height: int, more: int, dice: object) -> None:
    stride = width + more
    rows = bytes(dice.randrange(256) for _ in range(stride * height))  # type: ignore[attr-defined]
    info, bits = grey_dib(width, height, rows, stride)
    size, wide, high, planes, depth = struct.unpack_from("<IiiHH", info)
    assert (size, wide, high, planes, depth) == (40, width, -height, 1, 8)
    assert len(info) == 40 + 256 * 4
    line = len(bits) // height
    assert line % 4 == 0
    for y in range(height):
        assert bits[y * line : y * line + width] == rows[y * stride : y * stride + width]


def test_a_real_page_becomes_a_picture_that_scans() -> None:
    import zxingcpp
    from PIL import Image

    model = paper.filled("F02")
    page = pypdfium2.PdfDocument(catalogue.render("F02", model))[0]
    picture = page.render(scale=300 / 72, grayscale=True)
    info, bits = grey_dib(picture.width, picture.height, bytes(picture.buffer), picture.stride)
    line = len(bits) // picture.height
    made = Image.frombytes("L", (picture.width, picture.height), bits, "raw", "L", line)
    assert struct.unpack_from("<I", info, 20)[0] == len(bits)
    assert any(model.serial in b.text for b in zxingcpp.read_barcodes(made))
