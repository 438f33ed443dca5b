"""The blood bank card: history with its caption, never a group that contradicts another (CLINICAL §3.3, hazard H16)."""

from __future__ import annotations

from datetime import datetime

from desktop.patient.blocks import Block, Boxed, Gap, Head, Lead, Para, TableRow
from desktop.patient.blocks import Cell as Words
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.struck import struck_blocks
from desktop.patient.words import section_age, short, state_words
from desktop.shell.context import Context
from localdb.chart.blood_bank import ASK, CAPTION, DISCREPANCY, BankLine, BloodBank, blood_bank
from localdb.chart.views import Chart, Listing

COLUMNS = (0.0, 0.3, 0.62, 0.8)
NOTHING = "none in this copy: that is not proof of none"
PARTS = (
    ("antibodies", "Antibodies and screens, ever found"),
    ("requirements", "Special requirements"),
    ("reactions", "Transfusion reactions"),
    ("samples", "Samples: group and save, crossmatch"),
    ("units", "Units"),
    ("events", "Transfusions and pregnancies"),
)


def card_blocks(chart: Chart, now: datetime) -> list[Block]:
    """The whole card; the caption stands first, whatever follows."""
    card = blood_bank(chart)
    records = [r for r in chart.lists["results"].items if r.id in {line.record for line in card.groups}]
    blocks: list[Block] = [
        Head("Blood bank", section_age(chart, now, "result", of=records)),
        Boxed([(CAPTION, True)], "crit", "caution"),
        Gap(6),
    ]
    if card.is_empty:
        listing: Listing = chart.lists["results"]
        said = state_words(listing, "blood group or transfusion record", chart, now, "result")
        text = said.text if said else "No source sent a group, an antibody or a requirement. That is not proof of none."
        return [*blocks, Para("No blood bank record in this copy", weight=600), Para(text, "label", "ink2")]
    blocks += _groups(card, now)
    for name, title in PARTS:
        lines: tuple[BankLine, ...] = getattr(card, name)
        blocks += [Gap(8), Lead([title], COLUMNS[:1], count=str(len(lines)) if lines else "")]
        blocks += _rows(lines, now) if lines else [Para(NOTHING, "label", "ink2")]
    return blocks


def _groups(card: BloodBank, now: datetime) -> list[Block]:
    if card.is_discrepant:
        return [Boxed([(DISCREPANCY, True), (ASK.removeprefix(f"{DISCREPANCY}: "), False)], "crit", "not safe")]
    head = Lead(["Historical group", "", "Sample taken", "Laboratory"], COLUMNS)
    return [head, *(_rows(card.groups, now, heavy=True) if card.groups else [Para(NOTHING, "label", "ink2")])]


def _rows(lines: tuple[BankLine, ...], now: datetime, *, heavy: bool = False) -> list[Block]:
    made: list[Block] = []
    for line in lines:
        said = [Words(f"{line.text} {line.mark}".strip(), "value" if heavy else "body", weight=700 if heavy else 600)]
        said += [Words(c, "label", "ink2") for c in line.comments]
        when = short(line.when, now, missing="time not recorded")
        made.append(
            TableRow([[Words(line.label)], said, [Words(when, "label")], [Words(line.by or line.source, "label", "ink2")]],
                     COLUMNS)
        )  # fmt: skip
    return made


class Bank(Sheet):
    """The tab."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        def arrange(held: Chart, room: float) -> list[Placed]:
            blocks = [*struck_blocks(context, held, "result"), *card_blocks(held, context.now())]
            return [Placed(16, 8, room - 32, blocks)]

        super().__init__(context.look, stand, key, chart, arrange, "Blood bank")

    def retime(self) -> None:
        self.pane.rearrange()
