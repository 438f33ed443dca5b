"""F19 and F20: what the copy knows stands where it would be written, with its time; no score, nothing restricted."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.forms import catalogue
from desktop.forms.body_map import _ARM, _HEAD, _SIDE, smooth
from desktop.forms.frame import A4
from desktop.forms.model import FormModel
from localdb.chart.views import Listing
from localdb.records.vocabulary import Alert, Problem
from tests.unit.forms import checks, obs_charts, paper
from tests.unit.forms.test_bedside_charts import drawn


def said(code: str, model: FormModel) -> str:
    return " ".join(" ".join(checks.page_texts(catalogue.render(code, model))).split())


@pytest.mark.parametrize("code", ["F19", "F20"])
def test_a_blank_has_four_sides(code: str) -> None:
    assert catalogue.pages_needed(code, paper.model(code)) == 4


@pytest.mark.parametrize("code", ["F19", "F20"])
@pytest.mark.parametrize("kind", obs_charts.EVERY, ids=lambda k: k.__name__)
def test_every_sort_of_chart_prints_whole(code: str, kind) -> None:  # type: ignore[no-untyped-def]
    model = kind(code)
    made = catalogue.render_pack([(code, model)])
    assert made.faults == ()
    assert checks.missing(catalogue.text_model(code, model), made.pdf) == []
    assert checks.overlaps(made.placed) == []
    assert checks.outside(made.placed, A4) == []


def test_a_clerking_carries_drugs_problems_bloods_and_what_was_phoned() -> None:
    text = said("F19", paper.filled("F19"))
    for fact in ("Chronic kidney disease stage 3a", "insulin glargine LANTUS", "14 units", "NO RECORD. Check patient/chart",
                 "10 of 14 medicines shown", "suspended: metformin 500 mg, ramipril 5 mg", "5.9 mmol/L H CORRECTED",
                 "first sample haemolysed", "UNCONFIRMED, BY PHONE: Potassium 6.0 mmol/L H", "CHECK THE ORIGINAL",
                 "Reviewed with outreach, fluids started"):  # fmt: skip
        assert fact in text, fact
    assert "9.9" not in text  # a lactate that the laboratory withdrew
    assert "NEWS2 as sent 5" in text


def test_sixty_medicines_stand_on_more_sides_and_none_is_lost() -> None:
    items = tuple(paper.medicine(f"drug {n}", f"{n}.5 mg", "oral", "once a day") for n in range(60))
    model = paper.model("F19", paper.chart(medicines=items))
    text = said("F19", model)
    assert all(f"drug {n} " in text and f"{n}.5 mg" in text for n in range(60))
    assert "60 of 60 medicines shown" in text
    assert catalogue.pages_needed("F19", model) > 5


@pytest.mark.parametrize("code", ["F19", "F20"])
def test_nothing_restricted_stands_on_them(code: str) -> None:
    secret = Problem(**paper.ids(), text="Hidden diagnosis", clinical="active", restricted=True)
    alert = Alert(**paper.ids(), text="Safeguarding: hidden file", status="active", restricted=True)
    text = said(code, paper.model(code, paper.chart(problems=(secret,), alerts=(alert,))))
    assert "idden" not in text
    assert "1 restricted, not printed" in text or "2 restricted, not printed" in text


@pytest.mark.parametrize("code", ["F19", "F20"])
def test_not_in_this_copy_and_not_recorded_are_two_things(code: str) -> None:
    gone = {
        name: Listing("unavailable")
        for name in ("problems", "alerts", "medicines", "observations", "results", "reports")
    }
    none = {name: Listing("not_recorded") for name in gone}
    assert "NOT IN THIS COPY" in said(code, paper.model(code, paper.chart(**gone)))
    text = said(code, paper.model(code, paper.chart(**none)))
    assert "NOT IN THIS COPY" not in text
    assert "not recorded" in text or "No problems recorded" in text


def test_an_assessment_fills_in_whom_to_call_weight_and_what_is_recorded_of_each_topic() -> None:
    alerts = tuple(
        Alert(**paper.ids(), text=t, status=s, said=paper.at("2026-11-23"))
        for t, s in (("Side room: MRSA", "active"), ("Falls risk, low bed", "active"), ("Interpreter: Igbo", "active"),
                     ("Hoist transfers", "inactive"))
    )  # fmt: skip
    model = obs_charts.fluid("F20")
    assert model.chart is not None
    lists = {**model.chart.lists, "alerts": Listing("known", alerts)}
    text = said("F20", msgspec.structs.replace(model, chart=msgspec.structs.replace(model.chart, lists=lists)))
    for fact in ("Chidi Okonkwo, son, 07700 900123", "weight 71.5 kg", "bed scales",
                 "Infection, as recorded Side room: MRSA", "Falls, as recorded Falls risk, low bed",
                 "Communication, as recorded Interpreter: Igbo"):  # fmt: skip
        assert fact in text, fact
    assert "Hoist transfers" not in text


def test_no_tool_of_the_site_is_scored() -> None:
    text = said("F20", paper.model("F20")) + said("F20", paper.filled("F20"))
    for words in ("Waterlow", "at risk: 10", "high risk", "very high"):
        assert words not in text


@pytest.mark.parametrize("name", ["Front", "Back"])
def test_the_right_hand_of_the_map_is_the_patients(name: str) -> None:
    placed = [p for p in drawn(paper.model("F20")) if p.page == 2]
    head = next(p for p in placed if p.text == name)
    near = {p.text: p for p in placed if p.text in ("right", "left") and abs(p.left - head.left) < 80}
    middle = (head.left + head.right) / 2
    right_first = near["right"].left < middle
    assert right_first is (name == "Front")


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0, 100)), min_size=2, max_size=12))
def test_a_curve_goes_through_its_points_and_its_mirror_is_its_mirror(points: list[tuple[float, float]]) -> None:
    steps = smooth(points)
    assert steps[0][1] == points[0]
    assert [at[-2:] for kind, at in steps if kind == "c"] == points[1:]
    turned = [
        (kind, tuple(-n if i % 2 == 0 else n for i, n in enumerate(at))) for kind, at in smooth(points, mirrored=True)
    ]
    for (kind, at), (_, other) in zip(steps, turned, strict=True):
        assert at == pytest.approx(other), kind


def test_the_outline_is_closed_at_its_joints() -> None:
    assert _HEAD[-1] == _ARM[0] and _ARM[-1] == _SIDE[0]
    assert _HEAD[0][0] == 0 == _SIDE[-1][0]
