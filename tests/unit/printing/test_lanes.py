"""Any history of a dying laptop, line and printer: each sheet once, or again under a number; nothing is lost (H25, D10).

The printer is a model in memory (`tray`), the queue is the real journal. Two sabotages show that the check can fail.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from desktop.printing import lanes, press, reprinting, wire
from desktop.printing.cups import ABORTED
from desktop.printing.issuing import Wanted
from localdb.house import House
from localdb.journal import press as queue
from localdb.journal.ledger import control_lines
from tests.conftest import LONG
from tests.made import new_house
from tests.unit.printing.tray import Killed, Tray

HISTORIES = 400 if LONG else 25
SHEETS = 4


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = new_house(tmp_path_factory.mktemp("press") / "vault")
    yield made
    made.close()


def pages(text: str) -> bytes:
    """The least PDF: what is on it does not matter here, but that it is one."""
    from desktop.forms.frame import A4
    from desktop.forms.sheet import Sheet

    sheet = Sheet(A4, text)
    sheet.text(50, 50, text)
    return sheet.done()


PAGE = pages("one page")


def put_in(house: House, copies: int = 1) -> list[str]:
    """Sheets in the queue without the forms' own making, which takes its time."""
    serials = [house.journal.issue_sheet("F27", 1, blank=True, copies=copies) for _ in range(SHEETS)]
    house.journal.move_sheets(serials, "made")
    log = house.journal.log
    pack = queue.begin_issued(log, [house.journal.sheet(s) for s in serials], "Tray", "one-sided", "")
    queue.fill(log, pack, [(s, [PAGE] * copies) for s in serials])
    return serials


class History:
    """One history, chosen by its seed."""

    def __init__(self, house: House, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house, self.dice = house, random.Random(seed)
        self.bad = True
        self.tray = Tray(self.fate, room=self.dice.choice((1, 2, 5)), two_steps=self.dice.random() < 0.7)
        monkeypatch.setattr(queue, "move", self._killable(queue.move))
        monkeypatch.setattr(queue, "note", self._killable(queue.note))

    def fate(self, operation: str) -> str:
        if not self.bad or self.dice.random() > 0.15:
            return ""
        return self.dice.choice(("off", "lost", "killed", "killed_after"))

    def _killable(self, call: Callable[..., object]) -> Callable[..., object]:
        def made(*args: object, **more: object) -> object:
            if self.bad and self.dice.random() < 0.05:
                raise Killed
            done = call(*args, **more)
            if self.bad and self.dice.random() < 0.05:
                raise Killed
            return done

        return made

    def live(self) -> None:
        """One life of the laptop."""
        try:
            press.run(self.house, wires=lambda _: self.tray, pause=self.tray.pause, clock=self.tray.clock, patience=60)
        except Killed:
            pass
        if self.bad and self.dice.random() < 0.4:
            self.tray.switch_off(finishing=self.dice.random() < 0.5)

    def first_prints(self) -> Counter[str]:
        return Counter(title for title, pdf in self.tray.out if pdf == PAGE)

    def end(self) -> None:
        """Nothing goes wrong any more, and a person answers by what lies in the tray."""
        self.bad = False
        for _ in range(8):
            self.live()
            left = press.packs(self.house, only_open=True)
            if not left:
                return
            for serial in dict.fromkeys(i.serial for p in left for i in p.waits_for_person):
                sheet = self.house.journal.sheet(serial)
                came = self.first_prints()[serial] + sum(t == serial and pdf != PAGE for t, pdf in self.tray.out)
                press.answer_unsure(self.house, serial, came_out=came >= sheet.copies)
        raise AssertionError(press.packs(self.house, only_open=True))

    def check(self, serials: list[str]) -> None:
        first = self.first_prints()
        again = Counter(title for title, pdf in self.tray.out if pdf != PAGE)
        for serial in serials:
            sheet = self.house.journal.sheet(serial)
            assert sheet.state == "printed", (serial, sheet.state)
            assert first[serial] <= sheet.copies, f"{serial} came out {first[serial]} times under no number"
            assert again[serial] <= sheet.reprints * sheet.copies
            assert first[serial] + again[serial] >= sheet.copies, "lost"
        assert set(first) | set(again) <= set(serials)


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_each_sheet_comes_out_once_or_again_under_a_number(
    seed: int, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(house, seed, monkeypatch)
    serials = put_in(house, copies=1 + seed % 2)
    for _ in range(history.dice.randrange(1, 6)):
        history.live()
    history.end()
    history.check(serials)


def fails_somewhere(house: House, monkeypatch: pytest.MonkeyPatch) -> bool:
    for seed in range(40):
        with monkeypatch.context() as patch:
            history = History(house, seed, patch)
            serials = put_in(house)
            for _ in range(history.dice.randrange(1, 6)):
                history.live()
            try:
                history.end()
                history.check(serials)
            except AssertionError:
                history.bad = False
                press.cancel(house, wires=lambda _, tray=history.tray: tray)
                for serial in serials:
                    for one in queue.items_of(house.journal.log, serial):
                        if one.state in ("unsure", "failed"):
                            queue.came_out(house.journal.log, serial)
                return True
    return False


def test_sabotage_a_job_whose_number_is_not_on_disk_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same histories, but the number is kept in memory only until the page was sent."""

    def two_steps(self: lanes.Lane, item: queue.Item, facts: object, ticket: object, pdf: bytes) -> None:
        number = self._wire.begin(self.printer, item.serial, facts, ticket)  # type: ignore[arg-type]
        self._wire.send(self.printer, number, pdf)
        self._move(item, "sent", job=number)

    monkeypatch.setattr(lanes.Lane, "_two_steps", two_steps)
    assert fails_somewhere(house, monkeypatch)


def test_sabotage_a_forgotten_job_is_taken_for_not_printed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    real = lanes.Lane._move

    def move(self: lanes.Lane, item: queue.Item, state: str, **more: object) -> object:
        if state == "unsure":
            with monkeypatch.context() as patch:
                patch.setitem(queue.STEPS, "sent", frozenset({"queued"}))
                return real(self, item, "queued", job=0)
        return real(self, item, state, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(lanes.Lane, "_move", move)
    assert fails_somewhere(house, monkeypatch)


# -- what each end of a job means ----------------------------------------------------------------------------------------
def run(house: House, tray: Tray) -> None:
    press.run(house, wires=lambda _: tray, pause=tray.pause, clock=tray.clock, patience=20)


def test_a_refused_sheet_fails_without_having_left_and_goes_again_as_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tray = Tray()
    monkeypatch.setattr(lanes, "ticket_for", lambda *_: wire.Ticket(size=(100.0, 100.0)))
    serials = put_in(house)
    monkeypatch.setattr(Tray, "begin", lambda self, printer, serial, facts, ticket: wire.options(facts, ticket))
    run(house, tray)
    (pack,) = press.packs(house, only_open=True)
    assert pack.count("failed") == 2
    assert pack.count("queued") == SHEETS - 2
    assert "2 sheets in a row failed" in pack.halted
    assert "no paper of 35 by 35 mm" in pack.items[0].reason
    monkeypatch.undo()
    assert len(press.resume(house, pack.id)) == 2
    run(house, tray)
    assert Counter(title for title, _ in tray.out) == Counter(serials)
    assert [house.journal.sheet(s).reprints for s in serials] == [0] * SHEETS


def test_a_job_that_the_printer_ends_goes_again_as_a_numbered_reprint(house: House) -> None:
    tray = Tray(room=1)
    serials = put_in(house)
    ended: list[int] = []

    def fate(operation: str) -> str:
        if operation == "job" and not ended:
            ended.append(tray.last)
            tray.end(tray.last, ABORTED)
        return ""

    tray.fate = fate
    run(house, tray)
    (pack,) = press.packs(house, only_open=True)
    (failed,) = pack.waits_for_person
    assert failed.serial == serials[0]
    assert failed.reason == "stopped by the printer"
    assert [house.journal.sheet(s).state for s in serials] == ["made", "printed", "printed", "printed"]
    press.resume(house)
    run(house, tray)
    sheet = house.journal.sheet(serials[0])
    assert (sheet.state, sheet.reprints) == ("printed", 1)
    assert [title for title, pdf in tray.out if pdf != PAGE] == serials[:1], "what may have come out needs a number"


def test_both_copies_that_failed_go_again_under_one_number(house: House) -> None:
    """The printer ends both copies of the first sheet: the pack stands, and goes on with a reprint of each."""
    tray = Tray(room=1)
    serials = put_in(house, copies=2)
    ended: list[int] = []

    def fate(operation: str) -> str:
        if operation == "job" and len(ended) < 2:
            ended.append(tray.last)
            tray.jobs[tray.last].pdf = tray.jobs[tray.last].pdf or b""
            tray.end(tray.last, ABORTED)
        return ""

    tray.fate = fate
    tray.pause = lambda seconds: setattr(tray, "time", tray.time + seconds)  # type: ignore[method-assign]
    run(house, tray)
    (pack,) = press.packs(house, only_open=True)
    assert pack.halted
    assert [i.state for i in pack.items[:2]] == ["failed", "failed"]
    del tray.pause
    again = press.resume(house)
    assert [(i.serial, i.copy, i.reprint) for i in again] == [(serials[0], 1, 1), (serials[0], 2, 1)]
    run(house, tray)
    assert not press.packs(house, only_open=True)
    assert Counter(title for title, pdf in tray.out) == Counter(serials * 2)
    assert Counter(title for title, pdf in tray.out if pdf != PAGE) == Counter({serials[0]: 2})


def test_cancelling_voids_what_never_came_out_and_leaves_the_rest(house: House) -> None:
    tray = Tray(room=1)
    serials = put_in(house)
    seen: list[int] = []

    def told(progress: press.Progress) -> None:
        if progress.done == 1 and not seen:
            seen.append(press.cancel(house, progress.pack, wires=lambda _: tray))

    press.run(house, told, wires=lambda _: tray, pause=tray.pause, clock=tray.clock, patience=20)
    states = [house.journal.sheet(s).state for s in serials]
    out = [title for title, _ in tray.out]
    assert states[0] == "printed"
    assert set(states[2:]) == {"void"}
    assert out[:1] == serials[:1]
    assert not set(out) & set(serials[2:])
    for item in (i for p in press.packs(house, only_open=True) for i in p.waits_for_person):
        queue.came_out(house.journal.log, item.serial)


def test_pages_that_were_never_made_are_spoiled_and_their_serials_burnt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(press.queue, "fill", killed)
    monkeypatch.setattr(press.queue, "spoil", killed)
    before = {s.serial for s in house.journal.sheets()}
    with pytest.raises(Killed):
        press.enqueue(house, [Wanted("F27")] * 2, "Tray")
    monkeypatch.undo()
    new = [s for s in house.journal.sheets() if s.serial not in before]
    assert [s.state for s in new] == ["issued", "issued"]
    run(house, Tray())
    assert [house.journal.sheet(s.serial).state for s in new] == ["spoiled", "spoiled"]
    assert house.journal.sheet_events(new[0].serial)[-1].remark == "the laptop stopped before the page was made"


def test_a_page_is_printed_again_to_the_letter_and_bears_its_number(house: House) -> None:
    from tests.unit.forms.checks import page_texts

    tray = Tray()
    queued = press.enqueue(house, [Wanted("F18", copies=2)], "Tray")
    serial = queued.sheets[0].serial
    run(house, tray)
    (first, second) = (pdf for _, pdf in tray.out)
    assert "copy 1" in page_texts(first)[0] or "copy 2" in page_texts(second)[0]
    items = press.reprint(house, serial, [1], "soaked")
    assert (items[0].reprint, items[0].copy) == (1, 1)
    assert house.journal.sheet(serial).state == "reprinted"
    run(house, tray)
    (text,) = page_texts(tray.out[-1][1])
    assert "REPRINT 1 (page 1)" in text
    line = reprinting.reprint_line(1, 1, house.now(), house.staff)
    assert line in " ".join(text.split())
    assert " ".join(text.split()).replace(line, "").split() == page_texts(first)[0].split(), "not the same page"
    events = house.journal.sheet_events(serial)
    assert [(e.state, e.reprint) for e in events[-2:]] == [("reprinted", 1), ("printed", 0)]
    assert house.journal.sheet(serial).state == "printed"


def test_in_the_end_the_ledger_balances(house: House) -> None:
    for sheet in house.journal.sheets():
        if sheet.state == "printed":
            house.journal.move_sheet(sheet.serial, "scanned")
        elif sheet.state not in ("void", "spoiled"):
            house.journal.move_sheet(sheet.serial, "void")
    control = control_lines(house.journal.sheet_stories())
    assert control.is_balanced
    assert control.total.issued == len(house.journal.sheets())
    assert house.journal.verify().ok
