"""F15, F16, F17: what was sent stands in its column, row and band; nothing is added up, cut or lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.forms import catalogue
from desktop.forms.frame import A4
from desktop.forms.language import PSEUDO
from desktop.forms.model import FormModel
from desktop.forms.neuro_columns import grade
from desktop.forms.sheet import Placed
from desktop.forms.time_columns import Notes
from localdb.chart.views import Listing
from tests.unit.forms import checks, obs_charts, paper

FORMS = ("F15", "F16", "F17")
# The bands of CLINICAL §2.1 with their points, as they are written on the chart, the highest first.
BANDS = {
    "Respirations": (("≥ 25", 3), ("21-24", 2), ("12-20", 0), ("9-11", 1), ("≤ 8", 3)),
    "SpO2 scale 1": (("≥ 96", 0), ("94-95", 1), ("92-93", 2), ("≤ 91", 3)),
    "SpO2 scale 2": (("≥ 97 O2", 3), ("95-96 O2", 2), ("93-94 O2", 1), ("≥ 93 A", 0), ("88-92", 0), ("86-87", 1),
                     ("84-85", 2), ("≤ 83", 3)),
    "Air or oxygen": (("Air", 0), ("Oxygen", 2)),
    "Blood": (("≥ 220", 3), ("111-219", 0), ("101-110", 1), ("91-100", 2), ("≤ 90", 3)),
    "Pulse": (("≥ 131", 3), ("111-130", 2), ("91-110", 1), ("51-90", 0), ("41-50", 1), ("≤ 40", 3)),
    "Consciousness": (("A", 0), ("C V P U", 3)),
    "Temperature": (("≥ 39.1", 2), ("38.1-39.0", 1), ("36.1-38.0", 0), ("35.1-36.0", 1), ("≤ 35.0", 3)),
}  # fmt: skip


def drawn(model: FormModel) -> tuple[Placed, ...]:
    code = next(c for c in catalogue.FORMS if c in model.serial)
    made = catalogue.render_pack([(code, model)])
    assert made.faults == ()
    return tuple(plain(p) for p in made.placed)


def plain(p: Placed) -> Placed:
    return replace(p, text=p.text.replace("\u00a0", " "))


def middle(p: Placed) -> float:
    return (p.top + p.bottom) / 2


def bands_of(placed: tuple[Placed, ...], name: str) -> list[Placed]:
    """The labels of the bands of a parameter on the first side, from its name down."""
    first = [p for p in placed if p.page == 1]
    start = next(p for p in first if p.text == name)
    wanted = [text for text, _ in BANDS[name]]
    below = sorted((p for p in first if p.text in wanted and p.left > start.left and p.top > start.top - 6),
                   key=lambda p: p.top)  # fmt: skip
    return below[: len(wanted)]


def row_of(placed: tuple[Placed, ...], name: str, value: str) -> str:
    """The label of the band in whose row the value stands."""
    bands = bands_of(placed, name)
    right = max(p.right for p in bands)
    found = [p for p in placed if p.page == 1 and p.text == value and p.left > right]
    near = [(abs(middle(p) - middle(b)), b.text) for p in found for b in bands]
    distance, label = min(near)
    assert distance < 6, (name, value)
    return label


@pytest.mark.parametrize("code", FORMS)
@pytest.mark.parametrize("kind", obs_charts.EVERY, ids=lambda k: k.__name__)
def test_every_sort_of_set_prints_whole(code: str, kind: Callable[[str], FormModel]) -> None:
    model = kind(code)
    made = catalogue.render_pack([(code, model)])
    assert made.faults == ()
    assert checks.missing(catalogue.text_model(code, model), made.pdf) == []
    assert checks.overlaps(made.placed) == []
    assert checks.outside(made.placed, A4) == []
    assert made.pages == (catalogue.pages_needed(code, msgspec.structs.replace(model, serial="")),)


@pytest.mark.parametrize("code", FORMS)
@pytest.mark.parametrize(
    "kind", [obs_charts.hostile, obs_charts.autumn, obs_charts.neuro, obs_charts.fluid, obs_charts.child]
)
def test_a_longer_language_loses_nothing_of_them(code: str, kind: Callable[[str], FormModel]) -> None:
    model = msgspec.structs.replace(kind(code), site=msgspec.structs.replace(paper.SITE, language=PSEUDO))
    made = catalogue.render_pack([(code, model)])
    assert made.faults == ()
    assert checks.missing(catalogue.text_model(code, model), made.pdf) == []
    assert checks.overlaps(made.placed) == []


def test_every_band_cell_says_its_points() -> None:
    """Of CLINICAL §2.1: so many digits as bands of those points, times the columns."""
    placed = [p for p in drawn(paper.model("F15")) if p.page == 1]
    every = [points for bands in BANDS.values() for _, points in bands]
    columns = 13
    top = bands_of(tuple(placed), "Respirations")[0].top - 3
    for points in range(4):
        assert sum(p.text == str(points) and p.top > top for p in placed) == every.count(points) * columns, points
    for name, bands in BANDS.items():
        assert [p.text for p in bands_of(tuple(placed), name)] == [text for text, _ in bands]


# Value → its band, at each boundary of CLINICAL §2.1.
BOUNDARIES = [
    *(("resp", "Respirations", v, band) for v, band in (
        ("8", "≤ 8"), ("9", "9-11"), ("11", "9-11"), ("12", "12-20"), ("20", "12-20"), ("21", "21-24"), ("24", "21-24"),
        ("25", "≥ 25"))),
    *(("spo2", "SpO2 scale 1", v, band) for v, band in (
        ("91", "≤ 91"), ("92", "92-93"), ("93", "92-93"), ("94", "94-95"), ("95", "94-95"), ("96", "≥ 96"))),
    *(("bp", "Blood", f"{v}/55", band) for v, band in (
        ("90", "≤ 90"), ("91", "91-100"), ("100", "91-100"), ("101", "101-110"), ("110", "101-110"), ("111", "111-219"),
        ("219", "111-219"), ("220", "≥ 220"))),
    *(("pulse", "Pulse", v, band) for v, band in (
        ("40", "≤ 40"), ("41", "41-50"), ("50", "41-50"), ("51", "51-90"), ("90", "51-90"), ("91", "91-110"),
        ("110", "91-110"), ("111", "111-130"), ("130", "111-130"), ("131", "≥ 131"))),
    *(("temp", "Temperature", v, band) for v, band in (
        ("35.0", "≤ 35.0"), ("35.1", "35.1-36.0"), ("36.0", "35.1-36.0"), ("36.1", "36.1-38.0"), ("38.0", "36.1-38.0"),
        ("38.1", "38.1-39.0"), ("39.0", "38.1-39.0"), ("39.1", "≥ 39.1"))),
]  # fmt: skip


@pytest.mark.parametrize(("key", "name", "value", "band"), BOUNDARIES)
def test_a_value_stands_in_the_row_of_its_band(key: str, name: str, value: str, band: str) -> None:
    others = {"resp": "17", "spo2": "99", "bp": "133/71", "pulse": "77", "temp": "37.2"}
    at = obs_charts.before(2)
    model = paper.model("F15", obs_charts.chart(obs_charts.taken(at, **{**others, key: value}), entries=()))
    assert row_of(drawn(model), name, value.partition("/")[0]) == band


@pytest.mark.parametrize(
    ("value", "oxygen", "band"),
    [("83", "2", "≤ 83"), ("84", "Air", "84-85"), ("87", "2", "86-87"), ("88", "Air", "88-92"), ("92", "2", "88-92"),
     ("93", "Air", "≥ 93 A"), ("99", "Air", "≥ 93 A"), ("93", "2", "93-94 O2"), ("95", "2", "95-96 O2"),
     ("97", "2", "≥ 97 O2")],
)  # fmt: skip
def test_on_scale_2_air_and_oxygen_differ(value: str, oxygen: str, band: str) -> None:
    made = obs_charts.taken(
        obs_charts.before(2), spo2=value, oxygen=oxygen, pulse="61", resp="13", bp="121/71", temp="36.6"
    )
    made = [msgspec.structs.replace(o, comments=("SpO2 scale 2",)) if o.text == "SpO2" else o for o in made]
    placed = drawn(paper.model("F15", obs_charts.chart(made, entries=())))
    assert row_of(placed, "SpO2 scale 2", value) == band
    assert any("scale 2, as sent" in p.text for p in placed)


def test_what_no_band_holds_is_a_letter_and_its_note_says_the_whole() -> None:
    text = " ".join(checks.page_texts(catalogue.render("F15", obs_charts.hostile("F15"))))
    flat = " ".join(text.split())
    for whole in ("Temperature: 101.3 [degF]", "Respirations: >60 /min", "SpO2: 95 %; probe cold, poor trace; repeated at "
                  "the ear", "Pulse: 128 /min; also 131", "SpO2: not available: refused by the patient", "PRELIM",
                  "INCOMPLETE (5 of 7); sent as 11; missing: Consciousness, Temperature"):  # fmt: skip
        assert whole in flat, whole
    assert " 77 " not in text  # a restricted value
    assert "1 restricted, not printed" in flat
    assert "1 withdrawn by the source" in flat


def test_more_than_a_day_and_more_than_24_sets_are_left_out_and_counted() -> None:
    text = " ".join(checks.page_texts(catalogue.render("F15", obs_charts.many("F15"))))
    assert "24 of 97 sets of the last 24 hours are here, the newest." in " ".join(text.split())
    old = " ".join(checks.page_texts(catalogue.render("F15", obs_charts.old("F15"))))
    assert "No observations within 24 hours before this print are in this copy" in " ".join(old.split())
    assert "22-Nov-2026 21:14: NEWS2 as sent 2" in " ".join(old.split())


def test_columns_are_in_order_and_paper_starts_after_the_last() -> None:
    placed = [p for p in drawn(obs_charts.some("F15")) if p.text.count(":") == 1 and len(p.text) == 5 and p.page < 3]
    times = [p.text for p in sorted(placed, key=lambda p: (p.page, p.left)) if p.top > 180]
    wanted = [f"{(paper.NOW - timedelta(hours=n + 0.5)):%H:%M}" for n in reversed(range(16))]
    assert times == wanted
    made = drawn(obs_charts.some("F15"))
    line = [p for p in made if p.text == "PAPER STARTS HERE"]
    assert [p.page for p in line] == [2]
    last = max(p.right for p in made if p.page == 2 and p.text == wanted[-1])
    assert line[0].left > last


def test_what_the_ward_typed_is_marked_with_author_and_number() -> None:
    text = " ".join(" ".join(checks.page_texts(catalogue.render("F15", obs_charts.wrote("F15")))).split())
    assert "written here by José Núñez-Wolfeschlegelstein, no. 07A-30" in text
    assert "83.9" not in text  # corrected since


def test_a_copy_that_holds_no_observations_says_so() -> None:
    for code in FORMS:
        flat = " ".join(" ".join(checks.page_texts(catalogue.render(code, obs_charts.none_held(code)))).split())
        assert "NOT IN THIS COPY" in flat, code
        assert "NOT IN THIS COPY" not in " ".join(checks.page_texts(catalogue.render(code, obs_charts.nothing(code))))


@pytest.mark.parametrize(
    ("key", "value", "row"),
    [("E", "4", "4"), ("E", "5", ""), ("V", "5", "5"), ("M", "6", "6"), ("M", "7", ""), ("E", "0", ""), ("V", "nt", "NT"),
     ("V", "T", "NT"), ("E", "C", "NT"), ("M", "six", ""), ("E", "3.0", "3"), ("E", "3.5", ""), ("E", "²", "")],
)  # fmt: skip
def test_a_component_of_the_coma_scale_is_a_whole_number_in_its_range_or_nt(key: str, value: str, row: str) -> None:
    assert grade(key, value) == row


def test_no_total_stands_where_a_component_was_not_a_number() -> None:
    made = obs_charts.neuro_set(obs_charts.before(2), "3", "NT", "6", "11")
    placed = drawn(paper.model("F17", obs_charts.chart(made)))
    total = next(p for p in placed if p.text.startswith("E + V + M"))
    in_row = [p.text for p in placed if p.page == 1 and abs(middle(p) - middle(total)) < 4 and p is not total]
    assert in_row == ["(a)"]
    text = " ".join(
        " ".join(checks.page_texts(catalogue.render("F17", paper.model("F17", obs_charts.chart(made))))).split()
    )
    assert "sent as GCS total 11; not all three components were sent as numbers: no total" in text


@pytest.mark.parametrize(
    ("now", "side", "hours"),
    [(datetime(2026, 10, 25, 1, 20, tzinfo=UTC), 1, 25), (datetime(2026, 10, 24, 20, 5, tzinfo=UTC), 2, 25),
     (datetime(2026, 3, 29, 1, 20, tzinfo=UTC), 1, 23), (datetime(2026, 3, 28, 12, 0, tzinfo=UTC), 2, 23),
     (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), 1, 24)],
)  # fmt: skip
def test_a_fluid_day_has_the_hours_that_the_clock_has(now: datetime, side: int, hours: int) -> None:
    placed = drawn(obs_charts.on(now, "F16", obs_charts.chart([])))
    rows = [p for p in placed if p.page == side and p.left < 80 and p.text[2:3] == ":" and p.text[:2].isdigit()]
    assert len({p.text for p in rows}) == hours
    said = any(f"it has {hours} hours" in p.text for p in placed if p.page == side)
    assert said is (hours != 24)


def test_amounts_stand_in_their_hour_as_sent_and_no_sum_is_made() -> None:
    placed = drawn(obs_charts.fluid("F16"))
    texts = [p.text for p in placed if p.page == 1]
    assert "in 00:30 Oral intake 150 mL" in texts
    assert "up to 02:38: out 02:10 Urine output, catheter 35 mL" in texts
    assert "in IV infusion sodium chloride 0.9 % 125 mL; out Urine output, catheter 60 mL (concentrated)" in texts
    flat = " ".join(texts)
    assert "Fluid balance total 24 h -420 mL, 24-Nov-2026 00:00" in flat
    assert "2270" not in flat  # a restricted total
    assert not {"275", "275 mL", "95", "95 mL"} & {t.rpartition(": ")[2] for t in texts}  # 150 + 125, 60 + 35
    assert "275" not in flat


def test_after_the_copy_ends_every_hour_is_there_to_write_in() -> None:
    placed = [p for p in drawn(obs_charts.fluid("F16")) if p.page == 1]
    start = next(p for p in placed if p.text == "PAPER STARTS HERE")
    hours = [
        p.text for p in sorted(placed, key=lambda p: p.top) if p.left < 80 and p.top > start.top and p.text[2:3] == ":"
    ]
    assert hours == [f"{n:02d}:00" for n in range(2, 24)]


def test_an_unknown_cut_leaves_every_hour_empty() -> None:
    model = obs_charts.fluid("F16")
    bare = tuple(msgspec.structs.replace(s, kinds=dict.fromkeys(s.kinds), cut=None) for s in model.sources)
    placed = drawn(msgspec.structs.replace(model, sources=bare))
    empty = {p.text for p in placed if p.page == 1 and p.left < 80 and p.text[2:3] == ":"}
    assert {f"{n:02d}:00" for n in range(24)} <= empty
    assert any("as sent" in p.text and "Urine" in p.text for p in placed)


@given(st.lists(st.text(min_size=1, max_size=12), max_size=80))
def test_notes_give_each_text_one_letter(texts: list[str]) -> None:
    notes = Notes()
    marks = [notes.mark(t) for t in texts]
    assert len(set(marks)) == len(set(texts))
    said = [line for row in notes.rows() for line in row.lines]
    assert all(any(line.startswith(f"{m} ") for line in said) for m in marks)


VALUE = st.one_of(
    st.integers(0, 400).map(str), st.decimals(0, 400, places=1).map(str), st.text(max_size=30).filter(str.strip),
    st.sampled_from(["1e9", "-4", "0", "00012", "36,7", "<30", "½", "سعيد", "9" * 40]),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(("resp", "spo2", "pulse", "temp", "news2"), VALUE)), min_size=1, max_size=5
    )
)
def test_any_values_print_whole(sets: list[dict[str, str]]) -> None:
    items = [o for n, values in enumerate(sets) for k, v in values.items() for o in
             [obs_charts.observation(k, v, obs_charts.before(n + 1))]]  # fmt: skip
    model = paper.model("F15", obs_charts.chart(items, entries=()))
    made = catalogue.render_pack([("F15", model)])
    assert made.faults == ()
    assert checks.not_drawn(catalogue.text_model("F15", model), made.placed) == []
    assert checks.overlaps(made.placed) == []


def test_a_listing_without_sources_says_that_none_has_delivered() -> None:
    model = paper.model("F15", paper.chart(observations=Listing("not_recorded")), sources=())
    flat = " ".join(" ".join(checks.page_texts(catalogue.render("F15", model))).split())
    assert "No observations recorded in this copy. That is no proof of none." in flat


def test_a_figure_with_a_word_to_it_stays_in_its_cell_above_its_letter() -> None:
    """Oxygen with its device, a total with when the next set is due: the figure is seen at once, the words in the notes."""
    made = obs_charts.taken(obs_charts.before(2), "13", oxygen="4", pulse="61")
    made += obs_charts.taken(obs_charts.before(5), "11", oxygen="2", pulse="62")
    words = {"Oxygen": ("soft prongs",), "NEWS2": ("SpO2 scale 1", "repeat in 1 hour")}
    made = [msgspec.structs.replace(o, comments=words[o.text]) if o.text in words else o for o in made]
    placed = drawn(paper.model("F15", obs_charts.chart(made, entries=())))
    first = [p for p in placed if p.page == 1]
    for figure in ("4", "13", "2", "11"):
        cell = [p for p in first if p.text == figure and p.bottom - p.top > 9]
        assert len(cell) == 1, figure
        below = [
            p
            for p in first
            if p.text.startswith("(") and 0 < p.top - cell[0].top < 12 and abs(p.right - cell[0].right) < 0.1
        ]
        assert len(below) == 1, figure
    notes = " ".join(p.text for p in placed if p.page > 1)
    assert notes.count("soft prongs") == 1  # one letter for one way of giving it
    assert notes.count("repeat in 1 hour") == 2
