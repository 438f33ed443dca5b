"""Which stock a sheet of labels or a wristband goes onto: what was asked for, the site's stocks, the printer's offset.

No Qt here. A wish has names and numbers only; whether a request may have labels is asked in `desktop/forms/f07_labels.py`,
before every page (hazard H16).
"""

from __future__ import annotations

import re

import msgspec

from desktop.forms.f07_labels import request_of
from localdb.chart.gs1_band import Baby
from localdb.chart.transfusion import names_transfusion
from localdb.chart.views import Chart
from localdb.house import House
from localdb.labels import (
    BandJob,
    LabelJob,
    LabelRefused,
    Stocks,
    read_ods,
    read_offsets,
    read_stocks,
    refuse_transfusion,
)

LABELS, BAND = "F07", "F10"


class Wish(msgspec.Struct, frozen=True):
    """What was asked for: `stock` by name ("": the site's usual one), how many `labels` (0: see LabelJob) from label
    `start` of a part-used sheet, for which `request`; `baby` as 1/2 and `mother` as FAMILY,GIVEN on a newborn's band."""

    stock: str = ""
    labels: int = 0
    start: int = 1
    request: str = ""
    baby: str = ""
    mother: str = ""


def stocks_of(house: House) -> Stocks:
    """The stocks that ship and the site's own. Raises label.stock, label.transfusion."""
    return read_stocks(house.site["labels"])


def offset_of(house: House, printer: str, stock: str) -> tuple[int, int]:
    """Tenths of a millimetre to the right and down; (0, 0) where none was set."""
    return read_offsets(house.site["label_offsets"]).get(printer, {}).get(stock, (0, 0))


def set_offset(house: House, printer: str, stock: str, right: int, down: int) -> None:
    """Keeps what a calibration page showed. Raises label.stock, label.offset."""
    stocks = stocks_of(house)
    name = stocks.band_stock(stock)[0] if stock in stocks.bands else stocks.stock(stock)[0]
    held = read_offsets(house.site["label_offsets"])
    held[printer] = {**held.get(printer, {}), name: (right, down)}
    read_offsets(held)
    house.set_site({"label_offsets": msgspec.to_builtins(held)})


def job_of(
    house: House, form: str, wish: Wish | None, printer: str = "", chart: Chart | None = None
) -> LabelJob | BandJob | None:
    """The job of a sheet of F07 or F10, None for any other form. Raises label.*."""
    asked = wish or Wish()
    for said in (asked.stock, asked.baby, asked.mother):
        if names_transfusion(said):
            raise refuse_transfusion()
    if form == LABELS:
        name, stock = stocks_of(house).stock(asked.stock)
        return LabelJob(
            name=name, stock=stock, count=asked.labels, start=asked.start, request=request_of(chart, asked.request),
            offset=offset_of(house, printer, name),
        )  # fmt: skip
    if form == BAND:
        if asked.request:
            request_of(chart, asked.request)
            raise LabelRefused("A wristband is of no request.", code="label.request_unknown",
                               next_step="Leave --request out.")  # fmt: skip
        band, made = stocks_of(house).band_stock(asked.stock)
        return BandJob(
            name=band, stock=made, ods=read_ods(str(house.site["ods"])), baby=_baby(asked),
            offset=offset_of(house, printer, band),
        )  # fmt: skip
    return None


def _baby(wish: Wish) -> Baby | None:
    if not wish.baby and not wish.mother:
        return None
    found = re.fullmatch(r"([1-9])/([1-9])", wish.baby.strip())
    if found is None or int(found[1]) > int(found[2]):
        raise LabelRefused("That is no number of a baby.", code="label.baby", next_step="Write it as 1/2.")
    family, _, given = wish.mother.partition(",")
    return Baby(n=int(found[1]), of=int(found[2]), family=family.strip(), given=given.strip())
