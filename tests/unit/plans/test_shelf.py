"""The site's documents on a real vault: who may import, what stands, what does not verify, what travels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from reportlab.pdfgen.canvas import Canvas

from localdb.errors import WardlampError
from localdb.house import House, open_house
from localdb.journal.log import canonical, row_hash
from localdb.plans.papers import CSV, MARKDOWN, PDF, REFUSED, REPLACED, STANDS, WITHDRAWN
from localdb.vault.staff import add_staff
from tests.conftest import Clock
from tests.made import NOW, SECRET, clear_bytes, new_house

CARD = b"# Laboratory down\n\n1. Ring the zebra-fish bench.\n2. Only urgent tests.\n"
NUMBERS = b"# Numbers\n\n| Name | Number | Hours |\n|---|---|---|\n| Haematology | 01632 960115 | all hours |\n"


def pdf(words: str = "Massive haemorrhage: quagga-line", password: str = "") -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=password or None)
    canvas.drawString(72, 700, words)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    made = new_house(tmp_path / "vault", clock)
    yield made
    made.close()


def code(call: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(WardlampError) as caught:
        call(*args, **more)
    assert caught.value.next_step
    return caught.value.code


def test_a_document_is_kept_word_for_word_and_the_newest_version_stands(house: House, clock: Clock) -> None:
    first = house.plans.bring_in("Laboratory down", "action_card", MARKDOWN, CARD, review="2027-05-31")
    clock.at += timedelta(minutes=1)
    second = house.plans.bring_in("laboratory  DOWN", "action_card", MARKDOWN, CARD + b"3. Later.\n")
    assert (first.version, second.version) == (1, 2)
    assert [p.number for p in house.plans.shown()] == [second.number]
    states = {p.number: p.state for p in house.plans.papers()}
    assert states == {first.number: REPLACED, second.number: STANDS}
    assert house.plans.content(house.plans.find(first.number)) == CARD, "a replaced version is kept"
    assert house.plans.find("Laboratory DOWN").number == second.number
    assert house.journal.verify().ok


def test_a_withdrawal_ends_the_title_and_the_former_version_does_not_come_back(house: House) -> None:
    house.plans.bring_in("Card", "action_card", MARKDOWN, CARD)
    second = house.plans.bring_in("Card", "action_card", MARKDOWN, CARD + b"x\n")
    house.plans.withdraw(second, "wrong number on it")
    assert house.plans.shown() == ()
    assert {p.state for p in house.plans.papers()} == {WITHDRAWN}
    again = house.plans.bring_in("Card", "action_card", MARKDOWN, CARD)
    assert [p.number for p in house.plans.shown()] == [again.number]
    assert again.version == 3
    assert code(house.plans.withdraw, again, "  ") == "plan.no_reason"


def test_only_a_coordinator_imports_and_withdraws_everybody_reads(tmp_path: Path, house: House) -> None:
    paper = house.plans.bring_in("Card", "action_card", MARKDOWN, CARD)
    add_staff(house.vault, house.keys, "Nia Nurse", b"another-long-secret", "clinician", "floor")
    nurse = open_house(tmp_path / "vault", b"another-long-secret", staff="Nia Nurse", clock=lambda: NOW)
    try:
        assert nurse.plans.text(nurse.plans.find("Card")).startswith("# Laboratory down")
        assert code(nurse.plans.bring_in, "Mine", "protocol", MARKDOWN, CARD) == "vault.not_permitted"
        assert code(nurse.plans.withdraw, paper, "no") == "vault.not_permitted"
    finally:
        nurse.close()


@pytest.mark.parametrize(
    ("title", "kind", "media", "data", "more", "expected"),
    [
        ("Card", "poem", MARKDOWN, CARD, {}, "plan.unknown_kind"),
        ("", "protocol", MARKDOWN, CARD, {}, "plan.title"),
        ("T" * 121, "protocol", MARKDOWN, CARD, {}, "plan.title"),
        ("Card", "protocol", MARKDOWN, b"\xff\xfe", {}, "plan.not_utf8"),
        ("Card", "protocol", MARKDOWN, b"  \n", {}, "plan.empty"),
        ("Card", "protocol", MARKDOWN, b"![x](file:///etc/passwd)", {}, "plan.not_plain"),
        ("Card", "protocol", MARKDOWN, b"<img src='http://x/y'>", {}, "plan.not_plain"),
        ("Card", "protocol", MARKDOWN, b"a\x1b[31m", {}, "plan.not_plain"),
        ("Card", "protocol", MARKDOWN, b"a" * (512 * 1024 + 1), {}, "plan.too_large"),
        ("Card", "protocol", PDF, b"%PDF-1.7 nothing", {}, "plan.unreadable"),
        ("Card", "protocol", PDF, pdf(password="locked"), {}, "plan.locked"),
        ("Card", "protocol", PDF, b"%PDF-" + bytes(8 * 1024 * 1024), {}, "plan.too_large"),
        ("Numbers", "directory", MARKDOWN, CARD, {}, "plan.no_numbers"),
        ("Numbers", "directory", PDF, pdf(), {}, "plan.no_numbers"),
        ("Card", "protocol", CSV, b"Name,Number\nA,1\n", {}, "plan.unknown_type"),
        ("Card", "protocol", MARKDOWN, CARD, {"review": "31.5.2027"}, "plan.date"),
        ("Card", "protocol", MARKDOWN, CARD, {"valid_from": "2027-06-01", "review": "2027-05-31"}, "plan.date"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_code_and_leaves_nothing(
    house: House, title: str, kind: str, media: str, data: bytes, more: dict[str, str], expected: str
) -> None:
    rows = house.journal.verify().rows
    assert code(house.plans.bring_in, title, kind, media, data, **more) == expected
    assert house.journal.verify().rows == rows
    assert not list((house.vault / "plans").glob("*")) if (house.vault / "plans").exists() else True


def test_a_pdf_is_kept_and_its_words_are_found(house: House) -> None:
    data = pdf()
    paper = house.plans.bring_in("Massive haemorrhage", "protocol", PDF, data)
    assert house.plans.content(paper) == data
    assert "quagga-line" in house.plans.text(paper)


def test_nothing_lies_in_the_clear(house: House) -> None:
    house.plans.bring_in("Aardvark title", "action_card", MARKDOWN, CARD)
    house.plans.bring_in("Massive haemorrhage", "protocol", PDF, pdf())
    assert clear_bytes(house.vault, ("zebra-fish", "Aardvark title", "quagga-line")) == []


def test_damaged_and_missing_bytes_are_said_and_not_shown(house: House) -> None:
    paper = house.plans.bring_in("Card", "action_card", MARKDOWN, CARD)
    (file,) = (house.vault / "plans").iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert code(house.plans.text, paper) == "plan.damaged"
    file.unlink()
    assert code(house.plans.text, paper) == "plan.not_here"
    file.write_bytes(whole)
    assert house.plans.text(paper) == CARD.decode()


def forge(house: House, number: str, **changed: Any) -> None:
    """Changes the body of a row as somebody would who has the keys of the file but not those of the laptop."""
    log = house.journal.log
    (row,) = [r for r in log.rows_of_kind("plan") if f"{r.device}-{r.sequence}" == number]
    body = canonical({**row.content, **changed})
    forged = msgspec.structs.replace(row, body=body)
    digest = row_hash(forged)
    with log.reading() as connection:
        connection.execute("begin immediate")
        connection.execute(
            "UPDATE log SET body = ?, hash = ? WHERE device = ? AND sequence = ?",
            (body, digest, row.device, row.sequence),
        )
        connection.execute("commit")


@pytest.mark.parametrize("changed", [{"title": "Other"}, {"sha256": "0" * 64}, {"role": "clinician"}])
def test_a_row_without_its_signature_is_said_and_changes_nothing(house: House, changed: dict[str, Any]) -> None:
    good = house.plans.bring_in("Card", "action_card", MARKDOWN, CARD)
    bad = house.plans.bring_in("Card", "action_card", MARKDOWN, CARD + b"Ring 666.\n")
    forge(house, bad.number, **changed)
    found = {p.number: p for p in house.plans.papers()}
    assert found[bad.number].state == REFUSED
    assert "signature" in found[bad.number].reason
    assert code(house.plans.content, found[bad.number]) == "plan.damaged"
    assert [p.number for p in house.plans.shown()] == [good.number]


def test_documents_travel_with_the_journal_and_are_sealed_anew(tmp_path: Path, house: House) -> None:
    words = b"four words for tonight"
    other = new_house(tmp_path / "other", lambda: NOW, "M07")
    try:
        paper = house.plans.bring_in("Numbers", "directory", MARKDOWN, NUMBERS)
        house.journal.exchange_out(tmp_path / "x", words, "floor")
        other.journal.exchange_in(tmp_path / "x", words)
        assert [c.number for c in other.plans.contacts(other.plans.find("Numbers"))] == ["01632 960115"]
        assert other.plans.find("Numbers").number == paper.number
        mine, theirs = ({f.name for f in (h.vault / "plans").iterdir()} for h in (house, other))
        assert not mine & theirs, "each vault names and seals by its own key"
    finally:
        other.close()


def test_a_row_that_came_without_its_bytes_says_where_they_are(tmp_path: Path, house: House) -> None:
    other = new_house(tmp_path / "other", lambda: NOW, "M07")
    try:
        house.plans.bring_in("Card", "action_card", MARKDOWN, CARD)
        for file in (house.vault / "plans").iterdir():
            file.unlink()
        house.journal.exchange_out(tmp_path / "x", b"four words for tonight", "floor")
        other.journal.exchange_in(tmp_path / "x", b"four words for tonight")
        assert code(other.plans.text, other.plans.find("Card")) == "plan.not_here"
    finally:
        other.close()


def test_the_review_date_marks_from_the_day_after(house: House) -> None:
    paper = house.plans.bring_in("Card", "action_card", MARKDOWN, CARD, valid_from="2026-01-01", review="2027-05-31")
    assert not paper.is_overdue(date(2027, 5, 31))
    assert paper.is_overdue(date(2027, 6, 1))
    assert paper.is_early(date(2025, 12, 31))
    assert not paper.is_early(date(2026, 1, 1))
    assert SECRET
