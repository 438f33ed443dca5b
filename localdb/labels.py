"""Label and wristband stocks, and the jobs that say what is printed on them (CLINICAL §1.4, §6 F07 and F10).

The stocks ship in `resources/codes/label_stocks.toml`; a site adds its own in `[labels]` of site.toml. A job has **no type
of specimen and no text of its own**: nothing that a person types reaches a label, so that no label for a transfusion tube
can be made (CLINICAL §3.3, hazard H16). Millimetres throughout; offsets are tenths of a millimetre, to the right and down.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from localdb.chart.gs1_band import Baby
from localdb.chart.transfusion import names_transfusion
from localdb.errors import InputRefused

MOST = 500  # labels of one sheet of the ledger
FURTHEST = 100  # tenths of a millimetre that a printer may be off
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,30}\Z")
_ODS = re.compile(r"[A-Za-z0-9]{3,6}\Z")

Pair = tuple[float, float]
Box = tuple[float, float, float, float]


class LabelRefused(InputRefused):
    """A label or wristband that cannot be made."""

    code = "label.stock"
    next_step = "See `wardlamp labels stocks`."


class Stock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Labels on a page (a sheet of many, or one of a roll): the `page`, the `label`, the corner of the `first` and the
    `pitch` to the next; `across` × `down` of them."""

    title: str
    page: Pair
    label: Pair
    first: Pair = (0, 0)
    pitch: Pair = (0, 0)
    across: int = 1
    down: int = 1

    @property
    def each(self) -> int:
        """Labels a page."""
        return self.across * self.down

    @property
    def is_roll(self) -> bool:
        return self.each == 1

    def corner(self, n: int) -> Pair:
        """The upper left corner of label `n` from 0, row by row."""
        row, column = divmod(n, self.across)
        return self.first[0] + column * self.pitch[0], self.first[1] + row * self.pitch[1]


class BandStock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wristband: the `page`, the `strip` on which identifiers and codes stand and the `receipt` that is cut off and kept,
    both as left, top, width, height; `cut`: the strip is cut out of a sheet, along a line."""

    title: str
    page: Pair
    strip: Box
    receipt: Box
    cut: bool = False


class LabelJob(msgspec.Struct, frozen=True, kw_only=True):
    """One sheet of labels for one patient: `count` labels (0: what is left of the page, or six of a roll) from label
    `start` of a part-used sheet; `request` the serial of a request form, the number of a typed request or the order number
    of one in the copy, never other text."""

    name: str
    stock: Stock
    count: int = 0
    start: int = 1
    request: str = ""
    offset: tuple[int, int] = (0, 0)

    @property
    def labels(self) -> int:
        if self.count:
            return self.count
        return 6 if self.stock.is_roll else self.stock.each - self.start + 1

    @property
    def pages(self) -> int:
        return -(-(self.start - 1 + self.labels) // self.stock.each)


class BandJob(msgspec.Struct, frozen=True, kw_only=True):
    """One wristband. `ods` the organisation's code for AI 91 ("": none is set, so the element is left out)."""

    name: str
    stock: BandStock
    ods: str = ""
    baby: Baby | None = None
    offset: tuple[int, int] = (0, 0)


class Stocks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every stock by its name; `default` and `band` the ones that are taken when none is named."""

    default: str
    band: str
    stocks: dict[str, Stock] = {}
    bands: dict[str, BandStock] = {}

    def stock(self, name: str = "") -> tuple[str, Stock]:
        """Raises label.stock."""
        return _named(self.stocks, name or self.default)

    def band_stock(self, name: str = "") -> tuple[str, BandStock]:
        """Raises label.stock."""
        return _named(self.bands, name or self.band)


def _named(held: Mapping[str, Any], name: str) -> tuple[str, Any]:
    found = next((k for k in held if k.casefold() == name.strip().casefold()), None)
    if found is None:
        if names_transfusion(name):
            raise refuse_transfusion()
        raise LabelRefused("There is no stock of that name.", next_step=f"Known: {', '.join(held)}.")
    return found, held[found]


def refuse_transfusion() -> LabelRefused:
    """What every way to a transfusion label ends in."""
    return LabelRefused(
        "Wardlamp prints no label for a transfusion sample.",
        code="label.transfusion",
        next_step="Write the tube by hand at the patient's side, from the wristband, and sign it; the request is form F05.",
    )


@cache
def shipped() -> Stocks:
    """The stocks that come with Wardlamp."""
    text = files("resources").joinpath("codes", "label_stocks.toml").read_text(encoding="utf-8")
    return _checked(msgspec.convert(tomllib.loads(text), Stocks))


def read_stocks(given: Mapping[str, Any]) -> Stocks:
    """The shipped stocks and the site's own `[labels]`. Raises label.stock, label.transfusion."""
    held = msgspec.to_builtins(shipped())
    try:
        own = {**held, **given}
        for kind in ("stocks", "bands"):
            own[kind] = {**held[kind], **dict(given.get(kind, {}))}
        return _checked(msgspec.convert(own, Stocks))
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise LabelRefused(f"[labels] cannot be used: {error}.") from None


def read_ods(text: str) -> str:
    """The organisation's ODS code, or "". Raises label.ods."""
    if text and not _ODS.match(text):
        raise LabelRefused("An ODS code has three to six letters and digits.", code="label.ods",
                           next_step="Correct `ods` in site.toml.")  # fmt: skip
    return text.upper()


def read_offsets(given: Mapping[str, Any]) -> dict[str, dict[str, tuple[int, int]]]:
    """Printer → stock → (right, down) in tenths of a millimetre. Raises label.offset."""
    try:
        made = msgspec.convert(given, dict[str, dict[str, tuple[int, int]]])
    except msgspec.ValidationError as error:
        raise LabelRefused(f"[label_offsets] cannot be used: {error}.", code="label.offset") from None
    if any(abs(n) > FURTHEST for stocks in made.values() for pair in stocks.values() for n in pair):
        raise LabelRefused("A printer that is off by more than 10 mm is set up wrongly.", code="label.offset",
                           next_step="Check that the printer prints at actual size, from the right tray.")  # fmt: skip
    return made


def _checked(stocks: Stocks) -> Stocks:
    for name, stock in stocks.stocks.items():
        _check_name(name, stock.title)
        wide, high = stock.label
        if stock.across < 1 or stock.down < 1 or stock.each > MOST or min(wide, high) < 15 or max(stock.page) > 1500:
            raise LabelRefused(f"The stock {name!r} has labels that are too small or too many.")
        right, low = stock.corner(stock.each - 1)
        fits = min(stock.first) >= 0 and right + wide <= stock.page[0] + 0.1 and low + high <= stock.page[1] + 0.1
        apart = (stock.across == 1 or stock.pitch[0] >= wide) and (stock.down == 1 or stock.pitch[1] >= high)
        if not fits or not apart:
            raise LabelRefused(f"The labels of the stock {name!r} do not fit its page, or lie on each other.")
    for name, band in stocks.bands.items():
        _check_name(name, band.title)
        boxes = (band.strip, band.receipt)
        if any(x < 0 or y < 0 or w < 30 or h < 15 or x + w > band.page[0] + 0.1 or y + h > band.page[1] + 0.1
               for x, y, w, h in boxes) or _meet(*boxes):  # fmt: skip
            raise LabelRefused(
                f"Strip and receipt of the wristband {name!r} do not fit its page, or lie on each other."
            )
    if stocks.default not in stocks.stocks or stocks.band not in stocks.bands:
        raise LabelRefused("[labels] names a stock that is not there.")
    return stocks


def _check_name(name: str, title: str) -> None:
    if not _NAME.match(name):
        raise LabelRefused("The name of a stock has letters, digits, spaces and ._- only, 31 at most.")
    if names_transfusion(f"{name} {title}"):
        raise refuse_transfusion()


def _meet(one: Box, other: Box) -> bool:
    return (one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
            and one[1] < other[1] + other[3] and other[1] < one[1] + one[3])  # fmt: skip
