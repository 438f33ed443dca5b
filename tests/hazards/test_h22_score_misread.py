"""H22: an early-warning score that is wrong: a parameter missing, the wrong SpO2 scale, a child or a pregnant woman.

The boundary table and the vectors of CLINICAL §2.1 are in tests/unit/chart/test_early_warning.py, named in the hazard
log with these. Here: what the screens say of sets as sent, for every combination of missing parameters.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from PySide6.QtGui import QPixmap

import localdb.chart.early_warning as warning_module
import localdb.chart.observation_sets as sets_module
from desktop.patient.keyed import Stand
from desktop.patient.obs_chart import ChartTab
from desktop.patient.obs_table import ObservationTable
from desktop.shell import paint
from localdb.chart.early_warning import SEVEN
from localdb.chart.observation_chart import Strip, observation_chart, strips
from localdb.chart.observation_sets import obs_sets
from localdb.chart.views import Chart
from localdb.records.vocabulary import Coding, Component, Observation
from tests.unit.chart.test_early_warning import VECTORS
from tests.unit.desktop.entry.test_forms import open_form
from tests.unit.desktop.patient.builders import at, chart, entry, obs_set, observation, patient_view
from tests.unit.desktop.patient.stage import NOW, stage_of

WHEN = "2026-11-24T01:30"
WHOLE = {"resp": "20", "spo2": "96", "oxygen": "2", "bp": "108/62", "pulse": "104", "temp": "38.4", "acvpu": "Alert"}
HELD: list[Any] = []
TOTAL = "777"  # no total of a real set: where it stands alone, it was shown


def sent(*missing: str, when: str = WHEN) -> list[Observation]:
    """A set with a total, without some of its parameters."""
    return obs_set(when, {k: v for k, v in WHOLE.items() if k not in missing} | {"news2": TOTAL})


def told(*items: Observation, **rest: Any) -> Chart:
    rest.setdefault("patient", patient_view())
    patient = rest.pop("patient")
    return chart(patient, observations=tuple(items), **rest)


def tab(qtbot, found: Chart, kind: type = ChartTab):  # type: ignore[no-untyped-def]
    stage = stage_of(found)
    stand = Stand()
    widget = kind(stage.context, stand, stand.turn_to(found.patient.id), found)
    widget.stage, widget.stand_of = stage, stand
    qtbot.addWidget(widget)
    widget.resize(1200, 900)
    widget.show()
    return widget


def drawn_of(widget, monkeypatch: pytest.MonkeyPatch) -> list[str]:  # type: ignore[no-untyped-def]
    """Every text that is painted, of the whole pane."""
    said: list[str] = []
    real = paint.draw_text

    def on_text(painter, x, baseline, text, made, color, *, right=False):  # type: ignore[no-untyped-def]
        said.append(text)
        return real(painter, x, baseline, text, made, color, right=right)

    with monkeypatch.context() as patch:
        patch.setattr(paint, "draw_text", on_text)
        pane = widget.pane if isinstance(widget, ChartTab) else widget.sheet.pane
        shot = QPixmap(pane.size())
        pane.render(shot)
    return said


@pytest.mark.parametrize("missing", [m for n in (1, 2, 6, 7) for m in combinations(SEVEN, n)])
def test_a_total_with_a_parameter_missing_is_never_a_plain_number(missing: tuple[str, ...]) -> None:
    (found,) = obs_sets(sent(*missing))
    assert found.news2 is not None
    assert found.news2.value == f"INCOMPLETE ({7 - len(missing)} of 7)"
    assert f"sent as {TOTAL}" in found.news2.note


def test_a_whole_set_shows_the_total_as_it_was_sent() -> None:
    (found,) = obs_sets(sent())
    assert found.news2 is not None and found.news2.value == TOTAL


def test_a_parameter_that_was_withdrawn_or_could_not_be_taken_counts_as_missing() -> None:
    def of(**change: Any) -> str:
        items = [sets_module_replace(o, **change) if o.text == "Respirations" else o for o in sent()]
        news = obs_sets(items)[0].news2
        assert news is not None
        return news.value

    assert of(status="entered-in-error") == "INCOMPLETE (6 of 7)"
    assert of(value=None, absent="refused") == "INCOMPLETE (6 of 7)"


def sets_module_replace(item: Observation, **change: Any) -> Observation:
    from msgspec.structs import replace

    return replace(item, **change)


def test_a_pressure_without_its_systolic_is_missing() -> None:
    low = Component(codes=(Coding("http://loinc.org", "8462-4"),), text="Diastolic", value="62", unit="mm[Hg]")
    items = [o for o in sent() if not o.components]
    items.append(observation("Blood pressure", None, WHEN, "85354-9", components=(low,)))
    news = obs_sets(items)[0].news2
    assert news is not None and news.value == "INCOMPLETE (6 of 7)"


def test_the_points_that_a_source_sent_for_each_parameter_make_its_total_whole() -> None:
    """As the UK Core example of NEWS2: a total whose components are the seven scores."""
    parts = tuple(
        Component(codes=(Coding("http://snomed.info/sct", code),), value="1")
        for code in list(sets_module._PART_CODES)[:7]
    )
    scored = observation("NEWS2", "6", WHEN, "88330-6", components=parts)
    news = obs_sets([scored])[0].news2
    distinct = len({sets_module._PART_CODES[c] for c in list(sets_module._PART_CODES)[:7]})
    assert news is not None and news.value == f"INCOMPLETE ({distinct} of 7)"
    whole = tuple(Component(codes=(Coding("http://snomed.info/sct", c),), value="1") for c in sets_module._PART_CODES)
    news = obs_sets([observation("NEWS2", "6", WHEN, "88330-6", components=whole)])[0].news2
    assert news is not None and news.value == "6"


@pytest.mark.parametrize("kind", [ChartTab, ObservationTable])
def test_no_screen_draws_the_plain_total_of_an_incomplete_set(
    qtbot, monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    drawn = drawn_of(tab(qtbot, told(*sent("temp")), kind), monkeypatch)
    assert TOTAL not in drawn
    assert "INCOMPLETE" in " ".join(drawn)
    plain = drawn_of(tab(qtbot, told(*sent()), kind), monkeypatch)
    assert TOTAL in plain, "the check sees a total where there is one"


@pytest.mark.parametrize(
    "names",
    [
        ("Respiration", "Pulse", "Consciousness", "Air or oxygen"),
        ("Respiratory rate", "Heart rate", "ACVPU", "Oxygen therapy"),
    ],
)
def test_a_set_of_a_source_without_codes_is_known_by_its_names(names: tuple[str, ...]) -> None:
    given = dict(zip(("Respirations", "Pulse", "ACVPU", "Oxygen"), names, strict=True))
    bare = [sets_module_replace(o, codes=(), text=given.get(o.text, o.text)) for o in sent()]
    news = obs_sets(bare)[0].news2
    assert news is not None and news.value == TOTAL


def banded(found: Chart) -> dict[str, Strip]:
    model = observation_chart(found, NOW)
    return {r.key: r for r in strips(model, model.sets) if isinstance(r, Strip)}


@pytest.mark.parametrize(
    ("patient", "word"),
    [({"born": at("2015-05-05")}, "under 16"), ({"born": None}, "not known")],
)
def test_no_bands_for_a_child_or_an_unknown_age(
    qtbot, monkeypatch: pytest.MonkeyPatch, patient: dict[str, Any], word: str
) -> None:
    found = told(*sent(), patient=patient_view(**patient))
    assert all(not strip.bands for strip in banded(found).values())
    drawn = " ".join(drawn_of(tab(qtbot, found), monkeypatch))
    assert word in drawn and "25 or more" not in drawn


def test_no_bands_in_pregnancy(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    status = observation("Pregnancy status", "Pregnant, 31 weeks", "2026-11-23T10:00", "82810-3")
    found = told(*sent(), status)
    assert all(not strip.bands for strip in banded(found).values())
    assert "31 weeks" in " ".join(drawn_of(tab(qtbot, found), monkeypatch))


def scaled(words: str, oxygen: str = "2", when: str = WHEN) -> list[Observation]:
    items = [o if o.text != "Oxygen" else sets_module_replace(o, value=oxygen) for o in sent(when=when)]
    return [sets_module_replace(o, comments=(words,)) if o.text == "SpO2" and words else o for o in items]


def test_scale_2_only_where_the_source_said_scale_2() -> None:
    tops = {}
    for words in ("", "SpO2 scale 1", "SpO2 scale 2, target 88-92 %"):
        strip = banded(told(*scaled(words)))["spo2"]
        tops[words] = (strip.bands[-1].words, strip.note)
    assert tops[""] == ("96 or more", "scale 1: none was sent")
    assert tops["SpO2 scale 1"] == ("96 or more", "scale 1, as sent")
    assert tops["SpO2 scale 2, target 88-92 %"] == ("97 or more", "scale 2, as sent, on oxygen")
    assert banded(told(*scaled("SpO2 scale 2", oxygen="0")))["spo2"].note == "scale 2, as sent, on air"


def test_sets_of_both_scales_have_no_bands_of_either() -> None:
    both = [*scaled("SpO2 scale 2"), *scaled("SpO2 scale 1", when="2026-11-23T21:00")]
    strip = banded(told(*both))["spo2"]
    assert strip.bands == () and "both scales" in strip.note


def test_a_set_typed_here_stands_in_pen_and_carries_no_total(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [{"code": c, "value": v, "unit": "/min"} for c, v in (("9279-1", "28"), ("8867-4", "131"))]
    body = {"happened": "2026-11-24T03:00:00+00:00", "items": items}
    found = told(*sent(), entries=(entry("observations", body, "2026-11-24T03:01", number=3),))
    model = observation_chart(found, NOW)
    assert [s.entry is not None for s in model.sets] == [False, True]
    assert model.sets[-1].news2 is None
    drawn = drawn_of(tab(qtbot, found), monkeypatch)
    assert "28" in drawn and "131" in drawn


def test_sabotage_without_the_incomplete_rule_the_plain_total_is_seen(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets_module, "_whole_or_not", lambda news, vitals: news)
    for check in (
        lambda: test_a_total_with_a_parameter_missing_is_never_a_plain_number(("temp",)),
        lambda: test_no_screen_draws_the_plain_total_of_an_incomplete_set(qtbot, monkeypatch, ChartTab),
    ):
        with pytest.raises(AssertionError):
            check()


def test_sabotage_without_the_guard_a_child_has_bands(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warning_module, "eligible", lambda chart, at: warning_module.Guard(True))
    with pytest.raises(AssertionError):
        test_no_bands_for_a_child_or_an_unknown_age(qtbot, monkeypatch, {"born": at("2015-05-05")}, "under 16")


def test_sabotage_a_scale_that_nobody_sent_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets_module, "_scale_of", lambda *of: "2")
    with pytest.raises(AssertionError):
        test_scale_2_only_where_the_source_said_scale_2()


def form_of(qtbot, found: Chart, *, scores: bool = True):  # type: ignore[no-untyped-def]
    """The form of a set, at a site that switched its adding up on."""
    stage = stage_of(found)
    stage.house.site["scores"] = scores
    form = open_form(qtbot, "observations", found, stage)[1]
    HELD.append((stage, form))  # what is only garbage may be taken away in the middle of an event
    return form


def type_set(form, vector: tuple[str | int, ...], blank: str = "") -> str:  # type: ignore[no-untyped-def]
    """Type a set into the form's own fields, all but `blank`; what the form then says."""
    resp, spo2, _, air, systolic, pulse, level, temp, _ = map(str, vector)
    numbers = {"resp": resp, "spo2": spo2, "systolic": systolic, "diastolic": "60", "pulse": pulse, "temp": temp}
    for field, value in numbers.items():
        form.fields[field].setText("" if field == blank or (blank == "bp" and field == "diastolic") else value)
    form.air.choose("" if blank == "oxygen" else air.capitalize())
    form.level.choose("" if blank == "acvpu" else level)
    said: str = form.score_words()
    return said


@pytest.mark.parametrize("vector", VECTORS)
def test_the_form_adds_up_what_was_just_typed_and_shows_its_parts(qtbot, vector: tuple[str | int, ...]) -> None:
    scale = f"SpO2 scale {vector[2]}"
    copied = [sets_module_replace(o, comments=(scale,)) if o.text == "SpO2" else o for o in sent()]
    said = type_set(form_of(qtbot, told(*copied)), vector)
    assert f"SpO2 scale {vector[2]}: {vector[-1]}. Points: " in said
    points = [int(part.split()[-1]) for part in said.partition("Points: ")[2].partition(".")[0].split(", ")]
    assert len(points) == 7 and sum(points) == vector[-1]


@pytest.mark.parametrize("blank", ["resp", "spo2", "oxygen", "bp", "pulse", "acvpu", "temp"])
def test_a_blank_in_the_form_is_incomplete(qtbot, blank: str) -> None:
    assert ": INCOMPLETE (6 of 7). " in type_set(form_of(qtbot, told(*sent())), VECTORS[4], blank)


def test_the_form_adds_nothing_up_where_the_site_did_not_ask_or_the_bands_do_not_hold(qtbot) -> None:
    off = type_set(form_of(qtbot, told(*sent()), scores=False), VECTORS[4])
    child = type_set(form_of(qtbot, told(*sent(), patient=patient_view(born=at("2015-05-05")))), VECTORS[4])
    assert "No score is added up here" in off and "under 16" in child
    assert not any(c.isdigit() for c in off + child.replace("16", ""))


def test_what_is_saved_is_the_set_and_never_the_sum(qtbot) -> None:
    form = form_of(qtbot, told(*sent()))
    type_set(form, VECTORS[0])
    assert {i["code"] for i in form.body()["items"]} == {
        "9279-1",
        "59408-5",
        "8867-4",
        "8310-5",
        "3151-8",
        "85354-9",
        "67775-7",
    }


def test_sabotage_a_sum_of_fewer_than_seven_is_caught(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    real = warning_module.add_up

    def careless(typed: Any, scale: str = "1") -> warning_module.Total:
        found = real(typed, scale)
        total = sum(found.parts.values())
        return warning_module.Total(found.parts, str(total), total)

    monkeypatch.setattr("desktop.entry.observations.add_up", careless)
    with pytest.raises(AssertionError):
        test_a_blank_in_the_form_is_incomplete(qtbot, "temp")
