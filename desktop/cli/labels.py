"""labels: the stocks of labels and wristbands, and how far each printer is off; the words of `print` for both."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from desktop.printing.labelling import BAND, LABELS, Wish, offset_of, set_offset, stocks_of
from localdb.durable import write_whole
from localdb.errors import InputRefused
from localdb.labels import BandStock, Stock


def add_to(commands: Commands) -> None:
    group = commands.group("labels", "stocks of labels and wristbands, and the offset of each printer")
    group("stocks", "the stocks that labels (F07) and wristbands (F10) can be printed on", _stocks)
    made = group("calibrate", "a page to read the offset of a printer from; then the offset itself", _calibrate)
    made.add_argument("--stock", metavar="NAME", default="")
    made.add_argument("--printer", metavar="NAME", default="")
    made.add_argument("--pdf", type=Path, metavar="FILE")
    made.add_argument("--print", action="store_true", help="print the page on that printer")
    made.add_argument(
        "--right", type=int, metavar="N", help="tenths of a millimetre by which print must go to the right"
    )
    made.add_argument("--down", type=int, metavar="N", help="tenths of a millimetre by which print must go down")


def add_wishes(made: argparse.ArgumentParser) -> None:
    """The words of `print` that only F07 and F10 have."""
    made.add_argument("--stock", metavar="NAME", default="", help="F07, F10: the stock (`labels stocks`)")
    made.add_argument("--labels", type=int, metavar="N", default=0, help="F07: how many; left out: the rest of a sheet")
    made.add_argument(
        "--start", type=int, metavar="N", default=1, help="F07: the first free label of a part-used sheet"
    )
    made.add_argument("--request", metavar="SERIAL", default="", help="F07: the request; never one for transfusion")
    made.add_argument("--baby", metavar="N/M", default="", help="F10 of a newborn: which of its mother's babies")
    made.add_argument("--mother", metavar="FAMILY,GIVEN", default="", help="F10 of a newborn: its mother's names")


def wish_of(args: argparse.Namespace) -> Wish:
    if args.labels < 0:
        raise InputRefused("Labels are counted from 1.", code="label.start", next_step="Give a number.")
    wish = Wish(args.stock, args.labels, args.start, args.request, args.baby, args.mother)
    if wish != Wish() and not {LABELS, BAND} & {f.upper() for f in args.form}:
        raise InputRefused("None of these forms is a label.", code="label.stock",
                           next_step="Labels are F07, wristbands F10.")  # fmt: skip
    return wish


def _stocks(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        held = stocks_of(house)
        offsets = house.site["label_offsets"]
    labels = [{"name": n, "title": s.title, "page": list(s.page), "label": list(s.label), "each": s.each}
              for n, s in held.stocks.items()]  # fmt: skip
    bands = [{"name": n, "title": b.title, "page": list(b.page)} for n, b in held.bands.items()]
    usual = (held.default, held.band)
    lines = [
        f"{n:10} {s.title}{'  (usual)' if n in usual else ''}" for n, s in (*held.stocks.items(), *held.bands.items())
    ]
    answer = {"labels": labels, "bands": bands, "default": held.default, "band": held.band, "offsets": offsets}
    return say(args, answer, "\n".join(lines))


def _calibrate(args: argparse.Namespace) -> int:
    from desktop.forms.calibration import calibration_page
    from desktop.forms.sheet import MM

    with house_of(args) as house:
        held = stocks_of(house)
        stock: Stock | BandStock
        is_band = args.stock.casefold() in {n.casefold() for n in held.bands}
        name, stock = held.band_stock(args.stock) if is_band else held.stock(args.stock)
        if args.right is not None or args.down is not None:
            if not args.printer:
                raise InputRefused("An offset is one printer's.", code="label.offset", next_step="Give --printer NAME.")
            set_offset(house, args.printer, name, args.right or 0, args.down or 0)
        right, down = offset_of(house, args.printer, name)
        page = calibration_page(name, stock, (right, down), args.printer)
    if args.pdf is not None:
        write_whole(args.pdf, page)
    if args.print:
        from desktop.printing.cups import print_pdf

        if not args.printer:
            raise InputRefused("Say which printer.", code="print.nowhere", next_step="Give --printer NAME.")
        print_pdf(args.printer, page, f"calibration {name}", size=(stock.page[0] * MM, stock.page[1] * MM))
    answer = {"stock": name, "printer": args.printer, "right": right, "down": down}
    return say(args, answer, f"{name} on {args.printer or 'any printer'}: {right} right, {down} down (tenths of a mm)")
