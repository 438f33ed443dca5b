"""Which image a command means: the options that `print T02` and `export --image` share."""

from __future__ import annotations

import argparse

from desktop.printing.image_wish import ImageWish, Shade
from localdb.errors import InputRefused
from localdb.pixels.geometry import View

MOST = 24


def add_images(to: argparse.ArgumentParser, number: str = "--image") -> None:
    """The options that name an image and say how it is shown; `number` the one that counts it."""
    to.add_argument("--study", metavar="UID", default="", help="the examination, by its Study Instance UID")
    to.add_argument("--series", metavar="S", default="", help="of its series with this number or UID")
    to.add_argument(
        number, dest="numbers", metavar="N", type=int, action="append", default=[],
        help="image N, counted from 1; a sheet takes four; left out: the one that the viewer shows first",
    )  # fmt: skip
    to.add_argument("--frame", metavar="N", type=int, default=0, help="frame N of an image of several, from 1")
    to.add_argument(
        "--window", metavar="C/W", default="", help="centre/width such as 40/400, or auto; left out: as sent"
    )
    to.add_argument("--rotate", type=int, choices=(0, 90, 180, 270), default=0, help="degrees clockwise")
    to.add_argument("--flip", action="store_true", help="left and right exchanged; the picture says FLIPPED")
    to.add_argument("--invert", action="store_true", help="black and white exchanged; the picture says so")


def images_of(args: argparse.Namespace) -> tuple[ImageWish, ...]:
    """What the options ask for; () where they ask for none. Raises image.wish."""
    most = getattr(args, "images", 0)
    if not args.study:
        if args.numbers or args.series or args.frame:
            raise _refused("Say of which examination.")
        if not 0 <= most <= MOST:
            raise _refused(f"At most {MOST} images go with a summary.")
        return (ImageWish(most=most),) if most else ()
    shade, is_auto = _shade(args.window)
    if args.frame < 0 or any(n < 1 for n in args.numbers) or len(args.numbers) > 4:
        raise _refused("Images and frames are counted from 1, and a sheet takes four.")
    view = View(rotation=args.rotate, flip=args.flip, invert=args.invert)
    return tuple(
        ImageWish(study=args.study, series=args.series, number=n, frame=max(0, args.frame - 1), shade=shade,
                  is_auto=is_auto, view=view)
        for n in args.numbers or [0]
    )  # fmt: skip


def _shade(text: str) -> tuple[Shade | None, bool]:
    if not text or text.casefold() == "auto":
        return None, bool(text)
    center, _, width = text.partition("/")
    try:
        made = Shade(float(center), float(width), "LINEAR" if float(width) >= 1 else "LINEAR_EXACT", "set by command")
    except ValueError:
        raise _refused("A window is centre/width, such as 40/400, or auto.") from None
    if not 0 < made.width < 1e9 or not abs(made.center) < 1e9:
        raise _refused("A window is centre/width, such as 40/400, or auto.")
    return made, False


def _refused(words: str) -> InputRefused:
    return InputRefused(words, code="image.wish", next_step="See `wardlamp print --help`.")
