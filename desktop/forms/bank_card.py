"""What is on record of a patient's blood, for the transfusion forms alone: always under its caption (CLINICAL §3.3, H16).

`card` keeps back what a source marked as restricted and asks once more whether the groups contradict each other, whoever
made the chart: then no group is printed, in whatever list it stood.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from desktop.forms import copied
from desktop.forms import outline as o
from desktop.forms.blanks import Field, banner, fields
from desktop.forms.blocks import Block, gap, paragraph
from desktop.forms.boxes import boxed
from desktop.forms.chart_text import as_of, short
from desktop.forms.known import Fact
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Own
from desktop.forms.type import Style, glued
from localdb.chart import wording
from localdb.chart.blood_bank import ASK, CAPTION, BankLine, BloodBank, blood_bank, guarded
from localdb.chart.views import Listing
from localdb.records.vocabulary import Record

_LISTS = ("results", "observations", "alerts", "problems", "requests")


def card(model: FormModel) -> BloodBank | None:
    """The card of the chart without restricted records; None on a blank."""
    chart = model.chart
    if chart is None:
        return None
    every: list[Record] = [r for name in ("results", "observations") for r in chart.lists[name].items]
    lists = dict(chart.lists)
    for name in _LISTS:
        held = chart.lists[name]
        open_ = tuple(r for r in held.items if not r.restricted)
        lists[name] = Listing(held.state, guarded(open_, all_of=every), held.window)
    return blood_bank(msgspec.structs.replace(chart, lists=lists))


def _lines(model: FormModel, lines: Iterable[BankLine]) -> tuple[str, ...]:
    """`ABO group O, RhD positive, 09-Mar-2021 09:15, rests on 2 samples`: facts of one sample with the same remarks stand
    together, each under its own name."""
    told: dict[str, list[str]] = {}
    for line in lines:
        at = short(model, line.when or line.said, tr("date not recorded"))
        shown = f"{line.label} {line.text}".strip() if line.text.casefold() != "active" else line.label
        rest = wording.clean(", ".join(t for t in (line.mark, at, *line.comments) if t))
        told.setdefault(rest.rstrip("."), []).append(wording.clean(shown))
    return tuple(f"{', '.join(dict.fromkeys(names))}, {rest}" for rest, names in told.items())


def requirements(model: FormModel) -> tuple[str, ...]:
    """Special requirements as recorded (irradiated, CMV-negative, refusal …), each with its date."""
    found = card(model)
    return _lines(model, found.requirements) if found is not None else ()


def facts(model: FormModel) -> list[Fact]:
    """The card in the order of CLINICAL §3.3; a heading without anything says so, for absence is no proof of none."""
    found, chart = card(model), model.chart
    if found is None or chart is None:
        return []
    none = copied.absent(chart, "results", "observations", "alerts")
    made = [
        ("Group", found.groups), ("Antibodies", found.antibodies), ("Special requirements", found.requirements),
        ("Reactions", found.reactions), ("Transfused, pregnant", found.events), ("Sample", found.samples),
        ("Units held", found.units),
    ]  # fmt: skip
    said = [Fact(name, "; ".join(_lines(model, lines))) for name, lines in made if lines]
    is_asked = found.is_discrepant
    missing = ", ".join(tr(name).lower() for name, lines in made if not lines and not (is_asked and name == "Group"))
    if missing:
        kept = copied.held(chart, *_LISTS)
        said.append(Fact("Nothing on", "; ".join((f"{missing}: {none}", tr("no proof of none"), *kept))))
    by = ", ".join(dict.fromkeys(wording.clean(line.by) for _, lines in made for line in lines if line.by))
    return [*said, Fact("From", by, as_of(model, "result", "observation", "alert", "problem"))]


def history(model: FormModel) -> Own:
    """The boxed history under its caption; on a blank the caption and lines to write on."""
    found = card(model)
    blank = [Field("Antibodies, requirements, reactions that the patient or a card names", 1.0)]
    made = facts(model)
    clash = found is not None and found.is_discrepant

    def blocks(room: float) -> list[Block]:
        head = [banner(room, CAPTION), *([banner(room, ASK)] if clash else [])]
        if model.chart is None:
            return [*head, fields(room, blank, 18)]
        # The caption and the group are one block: neither ever stands on a page without the other (H16).
        first = Block((*(s for b in head for s in b.strips), *made[0].strips(room)))
        return [first, *(Block(fact.strips(room)) for fact in made[1:]), Block((gap(1),))]

    heads = [o.Text(text=tr(t), strong=True) for t in (CAPTION, *((ASK,) if clash else ()))]
    words = [o.Pair(left=tr(f.label)) for f in blank] if model.chart is None else [f.row for f in made]
    return boxed(blocks, (*heads, *words))


BY_HAND = "Group and number are copied by hand from the bag and its tag. Of a group that a copy holds: {caption}"


def caption() -> Own:
    """The caption for a form that shows no group at all."""

    def text() -> str:
        return tr(BY_HAND).format(caption=tr(CAPTION))

    return Own(
        lambda wide: [Block((*paragraph([(glued(text()), Style("semibold", 9))], wide, 11.4), gap(3)))],
        (o.Text(text=text()),),
    )
