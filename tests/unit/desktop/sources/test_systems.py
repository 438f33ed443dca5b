"""How a system stands, in words: declared, live, quiet, silent, by age; what is missing; what fits instead."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from desktop.sources.systems import System, answers, drift_words, life_of, systems
from localdb.chart.views import PendingRow, SourceAge
from localdb.records.moments import from_instant
from tests.unit.desktop.ward_house import NOW, FakeHouse, source

LAB = ("patient", "result", "report")


def one(found: SourceAge, **rest: object) -> System:
    return systems((found,), NOW, **rest)[0]  # type: ignore[arg-type]


def down(found: SourceAge) -> SourceAge:
    since = from_instant(NOW - timedelta(minutes=25))
    return replace(found, declared="down", declared_since=since, declared_by="Mair Pryce")


def test_declared_down_says_since_by_whom_what_is_missing_and_who_waits() -> None:
    pending = FakeHouse().reading().pending()
    lab = one(down(source("lims", timedelta(minutes=64), LAB)), titles={"lims": "Laboratory"}, pending=pending,
              ward="Ash Ward")  # fmt: skip
    assert (lab.word, lab.is_down, lab.line) == ("down", True, "since 02:47, complete to 02:08")
    assert lab.missing == (
        "Laboratory is down since 02:47: no result or report after 02:08 is here.",
        "1 request waits in Ash Ward.",
    )
    assert ("Declared", "down since 02:47 by Mair Pryce") in lab.facts
    assert [o.words for o in lab.offers] == ["Record a phoned result", "Print requests F03", "Print phoned log F27"]


def test_quiet_and_silent_are_two_words_and_silent_needs_a_person() -> None:
    fresh = source("lims", timedelta(minutes=2), LAB)
    said = {}
    for life in ("live", "quiet", "silent", "unknown"):
        found = one(replace(fresh, life=life))
        said[life] = (found.word, found.chip, found.icon)
    assert len({word for word, _, _ in said.values()}) == 4
    assert said["silent"][1] == "crit"
    assert said["live"][1] is None


def test_the_worst_stands_first_declared_before_all() -> None:
    found = systems(
        (source("pas", timedelta(minutes=2)), source("bank", timedelta(hours=9), LAB),
         down(source("lims", timedelta(minutes=30), LAB)), source("epma", timedelta(minutes=20), ("medicine",))), NOW,
    )  # fmt: skip
    assert [s.source for s in found] == ["lims", "bank", "epma", "pas"]
    assert [s.word for s in found] == ["down", "not safe", "ageing", "fresh"]


def test_a_system_that_is_well_claims_no_more_than_its_cut() -> None:
    pas = one(source("pas", timedelta(minutes=2)))
    assert pas.missing[0].startswith("Between 03:10 and 03:12") or "03:10" in pas.missing[0]
    assert not pas.offers


def test_a_request_waits_for_the_system_that_would_answer_it() -> None:
    row = FakeHouse().reading().pending()[0]
    lab, pas = source("micro", timedelta(0), LAB), source("pas", timedelta(0), ("patient", "stay"))
    ris = source("ris", timedelta(0), ("image", "report"))
    assert answers(lab, row)
    assert not answers(pas, row)
    scan = PendingRow(patient=row.patient, request=replace(row.request, category="Imaging", source="epr"))
    assert answers(ris, scan)
    assert not answers(lab, scan)


def test_drift_is_told_from_our_side_and_only_when_it_matters() -> None:
    assert drift_words(None) == "not measured"
    assert "within 2min" in drift_words(-119)
    assert drift_words(300).startswith("5min behind ours"), "ours minus theirs is positive: theirs is behind"
    assert drift_words(-300).startswith("5min ahead of ours")


def test_no_sign_of_life_expected_is_not_silence() -> None:
    assert life_of(source("pas", timedelta(0))) == "unknown"
