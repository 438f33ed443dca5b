"""The durable print queue: what is to be printed and how far it is, in the encrypted journal (DESIGN D9, D10, D12).

Local to this laptop, as drafts are: the signed ledger says what became of a sheet, this says what is still to do. Rules:

- Serials and the places of a pack are written in one transaction, before a page is made; the bytes of each sheet follow,
  sealed with the journal, so that no clear file exists. They stay `KEPT` long, because page n printed again must be
  the same page to the letter (a page made anew may break its rows elsewhere), and are wiped then.
- One place = one copy of one sheet = one job. `making → queued → sending → sent → completed`; else `failed` (its reason),
  `unsure` (nobody says whether it came out: a person does), `cancelled`, `spoiled`, `replaced` (by a numbered reprint).
- The job's number is on disk before a byte of the page leaves. So after a crash what has no job never printed.
- A sheet is `printed` in the ledger in the very transaction in which its last copy is `completed` here.
- What may have come out is never sent again without the number of a reprint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec

from localdb.journal import sheets
from localdb.journal.errors import refuse_press
from localdb.journal.log import Log
from localdb.journal.sheets import FOLLOWS, NewSheet, Sheet
from localdb.records.moments import Moment, read_moment

KEPT = timedelta(hours=24)  # as long as a print may be used (CLINICAL §7.1)
REMEMBERED = timedelta(days=7)
OPEN = ("making", "queued", "sending", "sent", "unsure", "failed")
AT_PRINTER = ("sending", "sent")
STEPS: dict[str, frozenset[str]] = {
    "making": frozenset({"queued", "spoiled"}),
    "queued": frozenset({"sending", "cancelled"}),
    "sending": frozenset({"queued", "sent", "completed", "failed", "unsure"}),
    "sent": frozenset({"completed", "failed", "unsure"}),
    "unsure": frozenset({"completed", "replaced", "cancelled"}),
    "failed": frozenset({"queued", "replaced", "cancelled", "completed"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
    "spoiled": frozenset(),
    "replaced": frozenset(),
}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One place in the queue. `copy` from 1; `reprint` 0 = the first print; `which` pages (empty = all); `pages` how
    many it has; `job` its number at the printer (0 = none yet); `reason` why it waits or failed, in words; `sent`, `ended`
    microseconds since 1970 (0 = not yet)."""

    pack: int
    place: int
    serial: str
    form: str
    copy: int
    reprint: int
    which: tuple[int, ...]
    pages: int
    state: str
    job: int = 0
    reason: str = ""
    sent: int = 0
    ended: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it, by the press or by a person."""
        return self.state in OPEN


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent to paper at once. `sides` as IPP names them, `tray` the printer's own name or ""; `halted` = why
    nothing more of it is sent until somebody resumes it, "" while it goes on."""

    id: int
    printer: str
    sides: str
    tray: str
    staff: str
    made: Moment
    halted: str
    items: tuple[Item, ...]

    def count(self, *states: str) -> int:
        return sum(one.state in states for one in self.items)

    @property
    def done(self) -> int:
        """Places that need nothing more."""
        return sum(not one.is_open for one in self.items)

    @property
    def pages_left(self) -> int:
        """Pages that the printer has still to give."""
        return sum(one.pages for one in self.items if one.state in ("making", "queued", *AT_PRINTER))

    @property
    def waits_for_person(self) -> tuple[Item, ...]:
        return tuple(one for one in self.items if one.state in ("unsure", "failed"))

    @property
    def is_finished(self) -> bool:
        return all(not one.is_open for one in self.items)


_ITEM = "SELECT pack, place, serial, form, copy, reprint, which, pages, state, job, reason, sent, ended FROM press "
_PACK = "SELECT id, printer, sides, tray, staff, made, halted FROM pack "
_OPEN = """WHERE id IN (SELECT pack FROM press
    WHERE state IN ('making', 'queued', 'sending', 'sent', 'unsure', 'failed')) """
_OF_OPEN = """WHERE pack IN (SELECT pack FROM press
    WHERE state IN ('making', 'queued', 'sending', 'sent', 'unsure', 'failed')) """
_NEXT = """JOIN pack ON pack.id = press.pack WHERE state = 'queued' AND printer = ? AND halted = ''
    ORDER BY pack, place LIMIT ?"""
_ENDED = """SELECT coalesce(sum(length(pdf)), 0), count(*) FROM press
    WHERE state IN ('completed', 'cancelled', 'spoiled', 'replaced') AND ended < ?"""
_WIPE = """UPDATE press SET pdf = NULL
    WHERE state IN ('completed', 'cancelled', 'spoiled', 'replaced') AND ended < ?"""
_FORGET = """DELETE FROM press WHERE state IN ('completed', 'cancelled', 'spoiled', 'replaced') AND ended < ?"""
_INSERT = """INSERT INTO press(pack, place, serial, form, copy, reprint, which, pages, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'making')"""


def _item(values: tuple[Any, ...]) -> Item:
    facts = dict(zip(Item.__struct_fields__, values, strict=True))
    which = tuple(int(n) for n in facts["which"].split(",") if n)
    return Item(**{**facts, "which": which})


def _now(log: Log) -> int:
    return log.now().utc or 0


# --- reading --------------------------------------------------------------------------------------------------------
def packs(log: Log, *, only_open: bool = False) -> tuple[Pack, ...]:
    """Every pack that is remembered, oldest first; with `only_open` those with something left to do."""
    items, heads = (_ITEM + _OF_OPEN, _PACK + _OPEN) if only_open else (_ITEM, _PACK)
    with log.reading() as connection:
        shown = connection.execute(heads + "ORDER BY id").fetchall()
        found = [_item(values) for values in connection.execute(items + "ORDER BY pack, place")]
    by_pack: dict[int, list[Item]] = {}
    for one in found:
        by_pack.setdefault(one.pack, []).append(one)
    return tuple(_pack(values, by_pack.get(values[0], [])) for values in shown)


def pack(log: Log, number: int) -> Pack:
    """Raises press.unknown_pack."""
    with log.reading() as connection:
        values = connection.execute(_PACK + "WHERE id = ?", (number,)).fetchone()
        found = [_item(v) for v in connection.execute(_ITEM + "WHERE pack = ? ORDER BY place", (number,))]
    if values is None:
        raise refuse_press("press.unknown_pack", "There is no pack of that number in the queue.")
    return _pack(values, found)


def _pack(values: tuple[Any, ...], items: Sequence[Item]) -> Pack:
    number, printer, sides, tray, staff, made, halted = values
    return Pack(
        id=number, printer=printer, sides=sides, tray=tray, staff=staff, made=read_moment(made), halted=halted,
        items=tuple(items),
    )  # fmt: skip


def items_of(log: Log, serial: str) -> tuple[Item, ...]:
    """Every place of one sheet, oldest first; () where it never was in this queue."""
    with log.reading() as connection:
        found = connection.execute(_ITEM + "WHERE serial = ? ORDER BY pack, place", (serial,)).fetchall()
    return tuple(_item(values) for values in found)


def next_items(log: Log, printer: str, limit: int) -> tuple[Item, ...]:
    """The next places to send to a printer, in order; none of a pack that is halted."""
    query = _ITEM + _NEXT
    with log.reading() as connection:
        return tuple(_item(values) for values in connection.execute(query, (printer, limit)))


def at_printer(log: Log, printer: str) -> tuple[Item, ...]:
    """The places of which only the printer knows how far they are."""
    query = (
        _ITEM
        + "JOIN pack ON pack.id = press.pack WHERE state IN ('sending', 'sent') AND printer = ? ORDER BY sent, pack, place"
    )
    with log.reading() as connection:
        return tuple(_item(values) for values in connection.execute(query, (printer,)))


def pdf_of(log: Log, item: Item) -> bytes:
    """The bytes of one place. Raises press.no_pages once they are wiped."""
    query = "SELECT pdf FROM press WHERE pack = ? AND place = ?"
    with log.reading() as connection:
        found = connection.execute(query, (item.pack, item.place)).fetchone()
    if found is None or found[0] is None:
        raise refuse_press("press.no_pages", "The pages of that sheet are no longer kept.")
    return bytes(found[0])


# --- a pack comes to be -----------------------------------------------------------------------------------------------
def begin(
    log: Log, wanted: Sequence[NewSheet], printer: str, sides: str, tray: str
) -> tuple[int, tuple[str, ...]]:  # fmt: skip
    """Issues the sheets and gives them their places, all at once. Returns the pack and the serials, in order."""
    sheets.check_wanted(wanted)
    with log.writing() as connection:
        serials = sheets.issue_within(log, connection, wanted)
        number = _new_pack(log, connection, printer, sides, tray)
        rows = [
            (number, serial, one.form, copy, one.pages)
            for serial, one in zip(serials, wanted, strict=True)
            for copy in range(1, one.copies + 1)
        ]
        connection.executemany(
            _INSERT,
            [(n, place, serial, form, copy, 0, "", pages) for place, (n, serial, form, copy, pages) in enumerate(rows)],
        )
    return number, serials


def begin_issued(log: Log, issued: Sequence[Sheet], printer: str, sides: str, tray: str) -> int:
    """Places for sheets that were issued and made before. Returns the pack."""
    with log.writing() as connection:
        number = _new_pack(log, connection, printer, sides, tray)
        rows = [(one, copy) for one in issued for copy in range(1, one.copies + 1)]
        connection.executemany(
            _INSERT,
            [(number, place, one.serial, one.form, copy, 0, "", one.pages) for place, (one, copy) in enumerate(rows)],
        )
    return number


def _new_pack(log: Log, connection: Any, printer: str, sides: str, tray: str) -> int:
    values = (printer, sides, tray, log.keys.staff, log.now().text)
    made = connection.execute("INSERT INTO pack(printer, sides, tray, staff, made) VALUES (?, ?, ?, ?, ?)", values)
    return int(made.lastrowid)


def fill(log: Log, number: int, made: Sequence[tuple[str, Sequence[bytes]]]) -> None:
    """The bytes of sheets of a pack, one PDF a copy: they are `made` in the ledger and `queued` here, all at once."""
    with log.writing() as connection:
        for serial, copies in made:
            for copy, pdf in enumerate(copies, 1):
                connection.execute(
                    """UPDATE press SET pdf = ?, state = 'queued' WHERE pack = ? AND serial = ? AND copy = ?
                    AND state = 'making'""",
                    (pdf, number, serial, copy),
                )
            if sheets.sheet(log, serial).state == "issued":
                sheets.move_within(log, connection, serial, "made")


def spoil(log: Log, number: int | None = None, remark: str = "the page could not be made") -> tuple[str, ...]:
    """What of a pack (None: of any) was never made is spoiled: its serials are burnt. Returns them."""
    query = _ITEM + "WHERE state = 'making' AND (? IS NULL OR pack = ?) ORDER BY pack, place"
    with log.writing() as connection:
        found = [_item(values) for values in connection.execute(query, (number, number))]
        for one in found:
            _step(log, connection, one, "spoiled", reason=remark)
        burnt = tuple(dict.fromkeys(one.serial for one in found if not one.reprint))
        for serial in burnt:
            if "spoiled" in FOLLOWS[sheets.sheet(log, serial).state]:
                sheets.move_within(log, connection, serial, "spoiled", remark)
    return burnt


# --- a place goes its way ---------------------------------------------------------------------------------------------
def move(log: Log, item: Item, state: str, *, job: int | None = None, reason: str = "") -> Item:
    """The next state of a place, durable when it returns; the ledger follows in the same transaction.

    Raises press.state where another process was quicker (somebody cancelled it).
    """
    with log.writing() as connection:
        return _step(log, connection, item, state, job=job, reason=reason)


def note(log: Log, item: Item, *, job: int) -> Item:
    """Writes down the job's number without a step, durable when it returns (0: it has none any more)."""
    with log.writing() as connection:
        connection.execute("UPDATE press SET job = ? WHERE pack = ? AND place = ?", (job, item.pack, item.place))
    return msgspec.structs.replace(item, job=job)


def _step(
    log: Log, connection: Any, item: Item, state: str, *, job: int | None = None, reason: str = ""
) -> Item:  # fmt: skip
    held = connection.execute(_ITEM + "WHERE pack = ? AND place = ?", (item.pack, item.place)).fetchone()
    now = _item(held)
    if state not in STEPS[now.state]:
        raise refuse_press("press.state", f"What is {now.state} in the print queue cannot become {state}.")
    moment = _now(log)
    job = now.job if job is None else job
    sent = moment if state == "sending" else 0 if state == "queued" else now.sent
    ended = moment if state in ("completed", "cancelled", "spoiled", "replaced") else 0
    connection.execute(
        "UPDATE press SET state = ?, job = ?, reason = ?, sent = ?, ended = ? WHERE pack = ? AND place = ?",
        (state, job, reason, sent, ended, item.pack, item.place),
    )
    stepped = msgspec.structs.replace(now, state=state, job=job, reason=reason, sent=sent, ended=ended)
    if state in ("completed", "cancelled"):
        _settle(log, connection, stepped)
    return stepped


def _settle(log: Log, connection: Any, item: Item) -> None:
    """Tells the ledger once no copy of this print is open: printed where one came out, void where none ever did."""
    query = _ITEM + "WHERE serial = ? AND reprint = ?"
    mine = [_item(values) for values in connection.execute(query, (item.serial, item.reprint))]
    if any(one.is_open for one in mine):
        return
    state, out = sheets.sheet(log, item.serial).state, [one for one in mine if one.state == "completed"]
    if out and "printed" in FOLLOWS[state]:
        said = [f"reprint {item.reprint}{pages_words(item.which)}"] if item.reprint else []
        said += [f"{len(out)} of {len(mine)} copies"] if len(out) < len(mine) else []
        said += [f"job {one.job}" for one in out if one.job]
        sheets.move_within(log, connection, item.serial, "printed", ", ".join(said))
    elif not out and state == "made" and all(one.state == "cancelled" for one in mine):
        went = any(one.job for one in mine)
        why = (
            "taken out of the queue; look whether it lies at the printer" if went else "cancelled before it was printed"
        )
        sheets.move_within(log, connection, item.serial, "void", why)


def pages_words(which: Sequence[int]) -> str:
    """` (page 2)`, ` (pages 2, 4)`, or nothing for the whole sheet."""
    return f" (page{'s' if len(which) > 1 else ''} {', '.join(map(str, which))})" if which else ""


def halt(log: Log, number: int, why: str) -> None:
    """Nothing more of a pack is sent until `release`; `why` in words, "" goes on."""
    with log.writing() as connection:
        connection.execute("UPDATE pack SET halted = ? WHERE id = ?", (why, number))


def cancel(log: Log, items: Iterable[Item]) -> tuple[Item, ...]:
    """Takes out what has not been sent, and what a person need not wait for any more (`failed`, `unsure`: part of it may
    lie somewhere, so its sheet is void); returns those places. What is at the printer is not touched."""
    done = []
    with log.writing() as connection:
        for one in items:
            held = _item(connection.execute(_ITEM + "WHERE pack = ? AND place = ?", (one.pack, one.place)).fetchone())
            if held.state in ("queued", "failed", "unsure"):
                done.append(_step(log, connection, held, "cancelled", reason="cancelled"))
    return tuple(done)


def came_out(log: Log, serial: str) -> tuple[Item, ...]:
    """A person says that what was unsure or failed came out whole. Raises press.nothing_unsure."""
    waiting = [one for one in items_of(log, serial) if one.state in ("unsure", "failed")]
    if not waiting:
        raise refuse_press("press.nothing_unsure", "Nobody has to say anything about that sheet.")
    said = f"{log.keys.staff} says that it came out"
    with log.writing() as connection:
        return tuple(_step(log, connection, one, "completed", reason=said) for one in waiting)


def order_reprint(
    log: Log, serial: str, pages: Sequence[int] = (), why: str = "", *, printer: str = ""
) -> tuple[tuple[Item, ...], tuple[bytes, ...]]:  # fmt: skip
    """Numbers a reprint in the ledger, before its pages are made, and gives it its places (state `making`). Returns
    them, each with the bytes of the print that it repeats: the copies that are unsure or failed, which it replaces; else
    the first copy.

    Raises sheet.*, press.no_pages (print a new sheet), press.no_page, press.still_printing.
    """
    held = sheets.sheet(log, serial)
    mine = items_of(log, held.serial)
    waiting = [one for one in mine if one.state in ("unsure", "failed")]
    if not waiting and any(one.state in ("making", "queued", *AT_PRINTER) for one in mine):
        raise refuse_press("press.still_printing", "That sheet is still in the queue.")
    copies = sorted({one.copy for one in waiting}) or [1]
    firsts = [one for n in copies for one in mine if not one.reprint and one.copy == n]
    if len(firsts) < len(copies):
        raise refuse_press("press.no_pages", "The pages of that sheet are not kept on this laptop.")
    if any(not 1 <= n <= held.pages for n in pages):
        raise refuse_press("press.no_page", f"That sheet has {held.pages} page{'' if held.pages == 1 else 's'}.")
    which = tuple(sorted(set(pages))) or (waiting[0].which if waiting else ())
    if which == tuple(range(1, held.pages + 1)):
        which = ()
    pdfs = tuple(pdf_of(log, one) for one in firsts)
    with log.writing() as connection:
        moved = sheets.move_within(log, connection, held.serial, "reprinted", why, pages=which)
        for one in waiting:
            _step(log, connection, one, "replaced", reason=f"replaced by reprint {moved.reprints}")
        before = connection.execute(_PACK + "WHERE id = ?", (mine[-1].pack,)).fetchone()
        number = _new_pack(log, connection, printer or before[1], before[2], before[3])
        told, count = ",".join(map(str, which)), len(which) or held.pages
        rows = [(number, n, held.serial, held.form, copy, moved.reprints, told, count) for n, copy in enumerate(copies)]
        connection.executemany(_INSERT, rows)
    return pack(log, number).items, pdfs


def fill_reprint(log: Log, items: Sequence[Item], pdfs: Sequence[bytes]) -> None:
    """The stamped bytes of a reprint: it is `queued`."""
    with log.writing() as connection:
        connection.executemany(
            "UPDATE press SET pdf = ?, state = 'queued' WHERE pack = ? AND place = ? AND state = 'making'",
            [(pdf, one.pack, one.place) for one, pdf in zip(items, pdfs, strict=True)],
        )


def sweep(log: Log) -> int:
    """Wipes the bytes of what ended `KEPT` ago, and forgets what ended `REMEMBERED` ago. Returns how many bytes went
    (the journal's pages are overwritten: `secure_delete`)."""
    now = _now(log)
    old, older = (now - span // timedelta(microseconds=1) for span in (KEPT, REMEMBERED))
    with log.reading() as connection:
        size, count = connection.execute(_ENDED, (old,)).fetchone()
    if not count:
        return 0
    with log.writing() as connection:
        connection.execute(_WIPE, (old,))
        connection.execute(_FORGET, (older,))
        connection.execute("DELETE FROM pack WHERE id NOT IN (SELECT pack FROM press)")
    return int(size)


def speed(log: Log, printer: str) -> float | None:
    """Pages a minute that this printer gave of late, as jobs completed one after the other; None when too few did."""
    query = """SELECT ended, pages FROM press JOIN pack ON pack.id = press.pack WHERE printer = ? AND state = 'completed'
        ORDER BY ended DESC LIMIT 60"""
    with log.reading() as connection:
        found = connection.execute(query, (printer,)).fetchall()
    spans = [(late - early, pages) for (late, pages), (early, _) in pairwise(found)]
    spans = [(span, pages) for span, pages in spans if 0 < span < 120_000_000]  # longer: it stood still
    if len(spans) < 5:
        return None
    return float(sum(pages for _, pages in spans) / (sum(span for span, _ in spans) / 60_000_000))
