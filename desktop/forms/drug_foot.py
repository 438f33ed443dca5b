"""The foot of each page of a drug chart: codes for a dose that is not given, what the boxes mean, a ruler (LOOK §9)."""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blocks import Block, Strip
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Span, Style, tied, width, wrap

_WORDS, _STRONG = Style("regular", 8.5), Style("semibold", 8.5)


def code_words(model: FormModel) -> tuple[str, ...]:
    """`1 nil by mouth` …: the site's own codes in their order."""
    return tuple(f"{n} {tr(t)}" for n, t in enumerate(model.site.omissions, start=1))


def meanings(model: FormModel) -> str:
    if model.blank:
        return tr("Hatch a box in which no dose is due.")
    return tr("Hatched: no dose due. Thick line: paper starts. In copy: see last given.")


def foot_rows(model: FormModel, *, codes: bool = True) -> list[o.Row]:
    if not codes:
        return [o.Pair(left="50 mm")]
    first = tr("Each box: initials and time, or a code:")
    return [o.Text(text=" ".join((first, *code_words(model)))), o.Text(text=meanings(model)), o.Pair(left="50 mm")]


def foot_block(model: FormModel, wide: float, *, codes: bool = True) -> Block:
    """At the foot of the page, above the back-entry box; without `codes` the ruler alone."""
    ruler = 50 * MM
    spans: list[Span] = [(tr("Each box: initials and time, or a code:"), _STRONG)]
    spans += [(" " + tied(t) + " ", _WORDS) for t in code_words(model)]
    first = wrap(spans, wide) if codes else []
    said = [] if not codes else wrap([(meanings(model), _WORDS)], wide - ruler - width("50 mm", _WORDS) - 16)
    high = (len(first) + max(1, len(said))) * 11.4 + 4

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, line in enumerate([*first, *said]):
            sheet.text(x, y + 10 + n * 11.4, line.spans)
        low, left = y + 7.5 + len(first) * 11.4, x + wide - ruler
        sheet.text(left - 5, low + 3, "50 mm", _WORDS, align="right")
        sheet.line(left, low, left + ruler, low, 0.75)
        for n in range(6):
            sheet.line(left + n * 10 * MM, low - 3, left + n * 10 * MM, low + 3, 0.75)

    return Block((Strip(high, draw),))
