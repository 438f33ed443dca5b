"""F29 Back-entry control sheet: every sheet that was issued for a ward, and how it came back (CLINICAL §6; H25).

Drawn from the ledger (`localdb.journal.ledger`): nothing is counted here. What the ledger knows already is printed, the
rest is written by hand: entered by, verified by, scanned. No alert and no finding stands on it (H24).
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import Field
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Facts, Fields, Heading, Part, Ruled, Space, form_of
from desktop.forms.tables import Cell, Column
from desktop.forms.type import Style
from localdb.chart import wording
from localdb.chart.views import Identity
from localdb.journal.ledger import Control, ControlCount, ControlLine
from localdb.journal.sheets import SheetEvent

COLUMNS = (
    Column("Serial", 0.122, Style("ident", 10)), Column("Form", 0.046, Style("semibold", 10)), Column("Patient", 0.23),
    Column("Pages", 0.05), Column("State", 0.1), Column("Priority", 0.05), Column("Entered by, date, time", 0.13),
    Column("Verified by, time", 0.1), Column("Scanned", 0.08), Column("Discrepancy", 0.092),
)  # fmt: skip
COUNTS = (
    Column("Form", 0.16, Style("semibold", 10)), Column("Issued", 0.14, align="right"),
    Column("Entered", 0.14, align="right"), Column("Scanned", 0.14, align="right"), Column("Void", 0.14, align="right"),
    Column("of these spoiled", 0.14, align="right"), Column("Open", 0.14, align="right"),
)  # fmt: skip
RULE = "Issued = entered + scanned + void. Open = 0 and no number missing: then it balances."
_PITCH = 18.0


def parts(model: FormModel) -> list[Part]:
    ledger = model.ledger
    if ledger is None:
        return _blank()
    return [
        Facts(o.Section(title=tr("Account"), as_of=_moment(model), rows=_account(ledger))),
        Space(4),
        Ruled(COUNTS, filled=_counts(ledger), pitch=16),
        Heading("Every sheet"),
        Space(3),
        Ruled(COLUMNS, filled=tuple(_line(model, line) for line in ledger.lines), blank=4, pitch=_PITCH),
        Fields(Field("Checked by coordinator: name, signature", 0.6), Field("Date, time", 0.4), height=24),
    ]


def _blank() -> list[Part]:
    return [
        Fields(Field("Ward", 0.3), Field("From serial", 0.25), Field("to serial", 0.25), Field("Spoiled", 0.2), height=20),
        Fields(Field("Issued", 0.18), Field("= entered", 0.18), Field("+ scanned", 0.18), Field("+ void", 0.18),
               Field("Balances", 0.28, ticks=("yes", "no"), ruled=False), height=20),
        Space(3),
        Ruled(COLUMNS, fills=True, pitch=22),
    ]  # fmt: skip


def _moment(model: FormModel) -> str:
    at = wording.instant_text(model.printed_at, model.site.zone)
    return tr("the ledger of this laptop at {when}, this sheet not among them").format(when=at)


def _account(ledger: Control) -> tuple[o.Row, ...]:
    """Ranges of serials, the equation, what is missing."""
    total = ledger.total
    if not ledger.lines:
        return (o.Text(text=tr("No sheet was issued for this ward by a laptop that is known here."), strong=True),)
    said = tr("Issued {issued} = entered {entered} + scanned {scanned} + void {void} + open {open}.")
    sum_ = said.format(
        issued=total.issued, entered=total.entered, scanned=total.scanned, void=total.void, open=total.open
    )
    ends = tr("IT BALANCES.") if ledger.is_balanced else tr("IT DOES NOT BALANCE YET.")
    ranges = tr("Laptop {device}: {count} sheets, from {first} to {last}.")
    rows: list[o.Row] = [o.Text(text=f"{sum_} {ends}", strong=True)]
    rows += [
        o.Text(text=ranges.format(device=r.device, count=r.count, first=r.first, last=r.last)) for r in ledger.ranges
    ]
    if ledger.missing:
        gone = tr("MISSING, no laptop here accounts for: {numbers}.").format(numbers=", ".join(ledger.missing))
        rows.append(o.Text(text=gone, strong=True))
    return (*rows, o.Text(text=tr(RULE)))


def _counts(ledger: Control) -> tuple[tuple[str | Cell, ...], ...]:
    return tuple(_count(c, c.form or tr("All")) for c in (*ledger.forms, ledger.total))


def _count(c: ControlCount, name: str) -> tuple[str | Cell, ...]:
    bold = Style("semibold", 10) if not c.form else None
    figures = (c.issued, c.entered, c.scanned, c.void, c.spoiled, c.open)
    return (name, *(Cell(str(n), bold) for n in figures))


def _line(model: FormModel, line: ControlLine) -> tuple[str | Cell, ...]:
    pages = str(line.pages) if line.copies == 1 else f"{line.pages} × {line.copies}"
    if line.reprints:
        pages += "\n" + tr("reprints {count}").format(count=line.reprints)
    state = tr(line.state)
    if line.holder:
        state += "\n" + tr("with {who}").format(who=wording.clean(line.holder))
    return (line.serial, line.form, _who(line), pages, state, "", _step(model, line.entered), "",
            _step(model, line.scanned), wording.clean(line.remark))  # fmt: skip


def _who(line: ControlLine) -> str:
    if line.identity is not None:
        return _person(line.identity)
    return tr("blank") if line.blank else tr("list")


def _person(identity: Identity) -> str:
    """As it stood on the sheet: name and one number."""
    number = wording.nhs_number(identity.nhs) if identity.nhs else wording.clean(identity.mrn or "")
    return f"{wording.display_name(identity.name)}\n{number}".rstrip()


def _step(model: FormModel, step: SheetEvent | None) -> str:
    if step is None:
        return ""
    return wording.clean(f"{step.staff} {wording.date_time(step.written, model.site.zone, year=False)}")


FORM = form_of(
    parts, code="F29", title="Back-entry control", size="A4 landscape", takes="ward", allergies=False,
    use="Tick each sheet off. The incident closes when it balances.", hint="Ward, incident", back_entry="line",
)  # fmt: skip
