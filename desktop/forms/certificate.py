"""The restoration certificate as pages: counts that balance, every entry by its number, and what is open (DESIGN §1.6).

Made from the plain data of `localdb.restore.certificate`; it holds ids, numbers, states and times, and no patient data.
A design that fails prints as plain text.
"""

from __future__ import annotations

from typing import Any

from desktop.forms.blocks import BODY, STRONG, Block, Strip, boxed, paragraph, rule
from desktop.forms.frame import A4, LEFT
from desktop.forms.layout import Area, Filling, Items
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Style, glued, wrap
from localdb.chart.wording import ZONE, date_time
from localdb.records.moments import read_moment

TITLE = "Restoration certificate"
STATES = ("kept", "waiting", "sent", "confirmed", "refused", "needs_person")
WORDS = {"needs_person": "needs a person"}
_RIGHT, _TOP, _LOW = 200 * MM, 38 * MM, 284 * MM
_HEADS = ("Number", "Kind", "Written", "State", "Reason", "At the hospital")
_SHARES = (0.145, 0.115, 0.15, 0.1, 0.26, 0.23)
_CELL, _CELL_BOLD, _SMALL = Style("regular", 8.5), Style("semibold", 8.5), Style("regular", 8)


def _time(value: object, zone: str) -> str:
    text = value.get("text") if isinstance(value, dict) else value
    return date_time(read_moment(str(text), zone), zone) if text else "time not recorded"


def certificate_lines(made: dict[str, Any], zone: str = ZONE) -> list[str]:
    """Every fact of the certificate as plain lines: what plain text prints, and what tests look for."""
    verdict, why = _verdict(made)
    paper = made.get("sheets") or {}
    lines = [
        TITLE,
        *[t for t in (made.get("site") or "", f"Target {made['target']}" if made.get("target") else "") if t],
        f"As of {_time(made.get('at'), zone)}, asked for by {made.get('staff') or 'not recorded'}",
        verdict,
        why,
        *[f"{_state(state)} {made.get(state, 0)}" for state in STATES],
        f"entries in all {made.get('total', len(made.get('entries', ())))}",
        f"sheets issued {paper.get('issued', 0)}, entered {paper.get('entered', 0)}, scanned {paper.get('scanned', 0)},"
        f" void {paper.get('void', 0)}",
    ]
    lines += [", ".join(t for t in row if t) for row in _entry_rows(made, zone)]
    return lines + [f"open sheet {t}" for t in _open_sheets(made)] + [f"missing serial {t}" for t in _missing(made)]


def _verdict(made: dict[str, Any]) -> tuple[str, str]:
    if made.get("balanced"):
        return "BALANCED", "Every entry is confirmed at the hospital, every sheet is entered, scanned or void."
    found = made.get("open") or {}
    entries, sheets = len(found.get("entries", ())), len(_open_sheets(made))
    gone = len(_missing(made))
    parts = [(entries, "entries"), (sheets, "sheets"), (gone, "serials that nobody accounts for")]
    return "NOT BALANCED", "Open: " + ", ".join(f"{n} {what}" for n, what in parts if n) + "."


def _state(state: str) -> str:
    return WORDS.get(state, state)


def _open_sheets(made: dict[str, Any]) -> list[str]:
    found = (made.get("open") or {}).get("sheets", ())
    return [f"{s['serial']} {s.get('form', '')} {s.get('state', '')}".strip() if isinstance(s, dict) else str(s)
            for s in found]  # fmt: skip


def _missing(made: dict[str, Any]) -> list[str]:
    return [str(s) for s in (made.get("open") or {}).get("missing", ())]


def _entry_rows(made: dict[str, Any], zone: str) -> list[tuple[str, ...]]:
    rows = []
    for e in made.get("entries", ()):
        kind = str(e.get("kind", "")).replace("_", " ")
        corrects = f"corrects {e['corrects']}" if e.get("corrects") else ""
        number = f"{e.get('number', '')}\n{e.get('id', '')}"
        state = _state(str(e.get("state", "")))
        reason = "\n".join(t for t in (str(e.get("reason") or ""), corrects) if t)
        resources = "\n".join(str(r) for r in e.get("resources", ()))
        rows.append((number, kind, _time(e.get("written"), zone), state, reason, resources))
    return [tuple(cells) for cells in rows]


def _row(cells: tuple[str, ...], wide: float, most: float, *, head: bool = False) -> list[Block]:
    wrapped: list[list[Line]] = []
    for n, cell in enumerate(cells):
        style = _CELL_BOLD if head or n in (0, 3) else _CELL
        lines: list[Line] = []
        for text in cell.split("\n"):
            lines += wrap([(glued(text), style if not text.startswith("E") or n else _SMALL)], wide * _SHARES[n] - 6)
        wrapped.append(lines)
    each = max(1, int(most / 10.6) - 1)
    longest = max(1, *(len(lines) for lines in wrapped))
    return [_row_part([w[k : k + each] for w in wrapped], wide, head=head) for k in range(0, longest, each)]


def _row_part(cells: list[list[Line]], wide: float, *, head: bool) -> Block:
    high = max(len(lines) for lines in cells) * 10.6 + 3

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for lines, share in zip(cells, _SHARES, strict=True):
            for k, line in enumerate(lines):
                sheet.text(x, y + 9 + k * 10.6, line.spans)
            x += wide * share

    return Block((Strip(high, draw), rule(wide, 1.0 if head else 0.5, 0, 1)), tied=head)


def _counts(made: dict[str, Any], wide: float) -> Block:
    """The states beside each other, with their sum."""
    values = [(_state(s), str(made.get(s, 0))) for s in STATES] + [("in all", str(made.get("total", 0)))]
    each = wide / len(values)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, (word, count) in enumerate(values):
            sheet.box(x + n * each, y, each, 34, 0.75)
            sheet.text(x + (n + 0.5) * each, y + 16, count, Style("bold", 13), align="centre")
            sheet.text(x + (n + 0.5) * each, y + 28, word, _CELL, align="centre")

    return Block((Strip(40, draw),))


def _pages(made: dict[str, Any], zone: str) -> list[Items]:
    wide = _RIGHT - LEFT
    filling = Filling(lambda page: (Area(LEFT, _TOP, wide, _LOW),))
    lines = certificate_lines(made, zone)
    verdict, why = _verdict(made)
    head = [t for t in lines[1 : lines.index(verdict)] if t]
    sheets = next(t for t in lines if t.startswith("sheets issued"))
    for text in head:
        filling.place(Block(paragraph([(text, BODY)], wide)))
    filling.place(Block((Strip(6, lambda sheet, x, y: None),)))
    filling.place(boxed([[(verdict, Style("bold", 14))], [(why, STRONG)]], wide, 1.5))
    filling.place(_counts(made, wide))
    filling.place(Block(paragraph([(sheets, STRONG)], wide)))
    for title, texts in (("Open sheets", _open_sheets(made)), ("Missing serials", _missing(made))):
        if texts:
            _place_all(filling, [Block(paragraph([(f"{title}: {'; '.join(texts)}", BODY)], wide))])
    table = _row(_HEADS, wide, _LOW - _TOP, head=True)[0]
    rows = [b for row in _entry_rows(made, zone) for b in _row(row, wide, _LOW - _TOP - table.height)]
    if rows:
        filling.place(Block((Strip(8, lambda sheet, x, y: None),)))
        _place_all(filling, [Block((*table.strips, *rows[0].strips)), *rows[1:]], table)
    return filling.pages


def _place_all(filling: Filling, blocks: list[Block], head: Block | None = None) -> None:
    """Blocks down the pages, each new page under `head`; a block taller than a page goes on line by line."""
    for block in blocks:
        parts = [block] if block.height <= filling.area.height else [Block((s,)) for s in block.strips]
        for part in parts:
            if part.height > filling.room:
                filling.onward()
                if head is not None:
                    filling.place(head)
            filling.place(part)


def certificate_pdf(made: dict[str, Any], zone: str = ZONE) -> bytes:
    """The PDF of a certificate's data. Pure: equal data give equal bytes."""
    try:
        sheet = Sheet(A4, TITLE)
        pages = _pages(made, zone)
        for n, items in enumerate(pages):
            if n:
                sheet.next_page(A4)
            _frame(sheet, made, n + 1, len(pages), zone)
            for x, y, block in items:
                block.draw(sheet, x, y)
        return sheet.done()
    except Exception:  # noqa: BLE001 - a plain certificate is better than none
        return _plain(made, zone)


def _frame(sheet: Sheet, made: dict[str, Any], page: int, pages: int, zone: str) -> None:
    sheet.hatch(LEFT, 10 * MM, _RIGHT - LEFT, 3 * MM)
    sheet.text(LEFT, 24 * MM, TITLE, Style("bold", 20))
    sheet.text(_RIGHT, 24 * MM, f"{page} of {pages}", Style("semibold", 11), align="right")
    sheet.line(LEFT, 29 * MM, _RIGHT, 29 * MM, 1.0)
    foot = f"Wardlamp, as of {_time(made.get('at'), zone)}. Numbers and states only, no patient data."
    sheet.text(LEFT, 290 * MM, foot, _SMALL)


def _plain(made: dict[str, Any], zone: str) -> bytes:
    sheet, y = Sheet(A4, TITLE), 20 * MM
    for text in certificate_lines(made, zone):
        for line in wrap([(text, Style("mono", 9))], _RIGHT - LEFT, 10):
            if y > _LOW:
                sheet.next_page(A4)
                y = 20 * MM
            sheet.text(LEFT, y, line.spans)
            y += 12
    return sheet.done()
