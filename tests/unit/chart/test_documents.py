"""Letters in their groups, which still stands, and the one rule for restricted records (CLINICAL §1.5)."""

from __future__ import annotations

from typing import Any

import pytest

from localdb.chart import documents
from localdb.chart.documents import CODE, HIDDEN, MANY, ONE, WHOLE, Item, groups, items, kept_back, matching, showing
from localdb.records.vocabulary import Attachment, Document, Reference
from tests.unit.desktop.patient.builders import at, chart


def letter(number: str, when: str = "2026-06-16T11:40", source: str = "docs", **more: Any) -> Document:
    given: dict[str, Any] = {
        "status": "current",
        "text": "Clinic letter",
        "title": f"Letter {number}",
        "body": "Words.",
    }
    given |= {"source": source, "source_id": number, "happened": at(when)}
    return Document(id=f"Rdoc{number}", patient="P0000000000001", **(given | more))


def found(*letters: Document, role: str = "clinician") -> tuple[Item, ...]:
    return items(chart(documents=letters), role)


@pytest.mark.parametrize("role", ["clinician", "coordinator", "feed", ""])
@pytest.mark.parametrize("place", [ONE, MANY])
def test_the_rule_of_restricted_records(role: str, place: str) -> None:
    assert showing(letter("1"), place, role) == WHOLE
    clinical = role in ("clinician", "coordinator")
    assert showing(letter("1", restricted=True), place, role) == (CODE if clinical and place == ONE else HIDDEN)


def test_what_is_kept_back_is_counted_and_not_named() -> None:
    held = (letter("1", restricted=True, title="Safeguarding"), letter("2"))
    assert kept_back(held, ONE, "clinician") == ""
    said = kept_back(held, MANY, "clinician")
    assert said.startswith("1 restricted record is not shown") and "Safeguarding" not in said
    assert [i.document.id for i in found(*held, role="feed")] == ["Rdoc2"]


def test_newest_first_in_groups_by_type_as_sent() -> None:
    every = found(
        letter("1", "2020-01-01T10:00"), letter("2", "2026-01-01T10:00", text="Discharge summary"),
        letter("3", "2025-01-01T10:00", text="clinic LETTER"), letter("4", "2019-01-01T10:00", text=""),
    )  # fmt: skip
    made = groups(every)
    assert [(g.title, [i.document.source_id for i in g.items]) for g in made] == [
        ("Discharge summary", ["2"]), ("clinic LETTER", ["3", "1"]), ("Type not sent", ["4"])]  # fmt: skip


def test_a_restricted_letter_stands_in_no_group_that_names_it() -> None:
    made = groups(found(letter("1", restricted=True, text="Safeguarding referral")))
    assert [g.title for g in made] == [documents.RESTRICTED]


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "current"), ({"status": "superseded"}, "superseded"), ({"status": "entered-in-error"}, "withdrawn"),
        ({"status": "preliminary"}, "preliminary"), ({"comments": ("Document status: preliminary",)}, "preliminary"),
        ({"comments": ("Document status: entered-in-error",)}, "withdrawn"), ({"status": ""}, "current"),
    ],
)  # fmt: skip
def test_which_still_stands(more: dict[str, Any], state: str) -> None:
    assert found(letter("1", **more))[0].state == state


def test_a_letter_that_another_replaces_is_superseded_though_its_source_never_said_so() -> None:
    later = letter("2", "2026-07-01T10:00", references=(Reference("replaces", "DocumentReference/1"),))
    new, old = found(letter("1"), later)
    assert (new.state, old.state, old.later) == ("current", "superseded", "Letter 2")
    taken_back = letter("2", status="entered-in-error", references=later.references)
    assert [i.state for i in found(letter("1"), taken_back) if i.document.id == "Rdoc1"] == ["current"]
    elsewhere = letter("2", source="other", references=later.references)
    assert [i.state for i in found(letter("1"), elsewhere)] == ["current", "current"]


def test_a_restricted_successor_is_not_named() -> None:
    later = letter("2", restricted=True, title="Secret", references=(Reference("replaces", "DocumentReference/1"),))
    assert next(i for i in found(letter("1"), later) if i.document.id == "Rdoc1").later == ""


def test_addenda_belong_to_their_letter_newest_first() -> None:
    added = [letter(n, f"2026-07-0{n}T10:00", references=(Reference("based_on", "DocumentReference/1"),)) for n in "23"]
    whole = {i.document.source_id: i for i in found(letter("1"), *added)}
    assert [d.source_id for d in whole["1"].addenda] == ["3", "2"]
    assert [whole[n].is_addendum for n in "123"] == [False, True, True]


def test_the_filter_takes_beginnings_of_words_of_every_field() -> None:
    every = found(letter("1", specialty="Cardiology", author="Dr S. Achterberg"), letter("2", title="Renal clinic"))
    assert [i.document.source_id for i in matching(every, "card ach")] == ["1"]
    assert [i.document.source_id for i in matching(every, "RENAL")] == ["2"]
    assert matching(every, "ardio") == ()
    assert matching(every, "") == every


def test_the_filter_finds_nothing_of_a_restricted_letter_but_its_code() -> None:
    every = found(letter("1", restricted=True, title="Safeguarding", author="T. Lindqvist"))
    assert matching(every, "safeguarding") == ()
    assert matching(every, "lindqvist") == ()
    assert len(matching(every, "restricted")) == 1


def test_all_files_are_named_the_first_one_first() -> None:
    more = (Attachment("b", "image/png"),)
    made = documents.attachments(letter("1", blob="a", media_type="application/pdf", size=9, files=more))
    assert [f.blob for f in made] == ["a", "b"]
    assert documents.attachments(letter("1")) == ()
