"""Every place, section, tab, form and question, at 100, 125 and 150 %: each control has a name, is large enough, whole, in
reach and not under another; no text under 15 px; the focus is seen; the ear hears long dates (CLINICAL §8, LOOK §3-§7).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from desktop.patient.tabs import Tabs
from desktop.shell.parts import Button
from desktop.shell.rail import RailItem
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import THEMES, Theme
from desktop.shell.type import ROLES
from desktop.shell.window import MainWindow
from desktop.ward.scanned import question_of
from localdb.chart.matching import SAME_WARD
from localdb.chart.scanning import Band
from localdb.identifying import Identified, Person
from localdb.records.vocabulary import HumanName
from tests.flows.ergonomics.using import LEAST_TEXT, blind_focus, faults, nodes
from tests.unit.desktop.patient.builders import full_chart
from tests.unit.desktop.ward_house import TWINS, FakeHouse, FakeReading
from tests.unit.desktop.window_stage import settle, window_on

SIZES = ((1366, 768), (1093, 614), (911, 512))
KINDS = ("observations", "phoned_result", "note", "request")
LONG = HumanName(
    family="Featherstonehaugh-Cholmondeley-Satterthwaite", given=("Wilhelmina", "Alexandrina"), prefix=("Mrs",)
)
# What is lower than 44 px on purpose, with the least that it may be: the allergy strip is 36 px by LOOK §4, and under a
# tall banner the sections of a patient are lower rather than Record out of sight; each is on a key of its own.
LOWER = ((r"Button 'Details: address", 36), (r"RailItem '\w+, Alt\+\d'", 34))


@pytest.fixture
def rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is opened has the whole made-up chart and a name of forty letters and more."""
    who = msgspec.structs.replace(TWINS[0], name=LONG, names=(LONG,))
    monkeypatch.setattr(FakeReading, "chart", lambda self, patient: msgspec.structs.replace(full_chart(), patient=who))


def excused(fault: str) -> bool:
    found = re.search(r" is \d+×(\d+)$", fault)
    return bool(found) and any(re.match(start, fault) and int(found[1]) >= least for start, least in LOWER)


def wrong(window: MainWindow) -> list[str]:
    settle(window.context)
    return [f for f in faults(window) if not excused(f)]


@pytest.mark.parametrize("size", SIZES, ids=lambda s: str(s[0]))
def test_every_place_can_be_used(size: tuple[int, int], rich: None) -> None:
    with window_on(FakeHouse(), *size) as window:
        found = {}
        for place in (*window.places.items, "sources", "register"):
            window.go(place)
            found[place] = wrong(window)
        assert (window.width(), window.height()) == size, "a place pushed the window open"
        assert {k: v for k, v in found.items() if v} == {}


@pytest.mark.parametrize("size", SIZES, ids=lambda s: str(s[0]))
def test_the_question_before_a_registration_can_be_used(size: tuple[int, int]) -> None:
    """With everything that can be typed, a long real name, and a name that was dealt before."""
    from desktop.entry.unknown import RegisterPlace
    from localdb.numbers.names import DealtName

    with window_on(FakeHouse(), *size) as window:
        window.go("register")
        settle(window.context)
        place = window.places.place("register")
        assert isinstance(place, RegisterPlace)
        place.typed.sex.choose("Indeterminate")
        for name, text in (
            ("age", "3 months"), ("bed", "Trolley 2 in the corridor"), ("family", LONG.family), ("given", "Wilhelmina"),
            ("evidence", "Driving licence and her mother on the telephone"), ("kin", "Mother"), ("phone", "07700 900123"),
            ("alerts", "Deaf; reads lips"), ("address", "The Old Lighthouse, Land's End Road, St Just in Penwith"),
        ):  # fmt: skip
            place.typed.fields[name].set_text(text)
        before = wrong(window)
        place._show_question(place.typed.body(), "RPH4830172W", DealtName("Foxtrot", "Whisky", True))
        assert place.confirm.isVisible()
        assert (before, wrong(window)) == ([], [])
        assert (window.width(), window.height()) == size, "the question pushed the window open"


@pytest.mark.parametrize("size", SIZES, ids=lambda s: str(s[0]))
def test_every_section_and_tab_can_be_used(size: tuple[int, int], rich: None) -> None:
    with window_on(FakeHouse(), *size) as window:
        window.show_patient(TWINS[0].id)
        settle(window.context)
        found = {}
        for name in sections(window):
            found[name] = wrong(window)
        assert (window.width(), window.height()) == size, "a section pushed the window open"
        assert {k: v for k, v in found.items() if v} == {}


def sections(window: MainWindow) -> Iterator[str]:
    """Goes through every section and tab of the open patient."""
    for number in range(1, 8):
        window.patient_page.set_section(number)
        settle(window.context)
        frame = window.patient_page.frame
        assert frame is not None
        shown = frame.shown
        for tab in list(shown.buttons) if isinstance(shown, Tabs) else [""]:
            window.patient_page.set_section(number, tab)
            settle(window.context)
            yield f"{number} {tab}".strip()


@pytest.mark.parametrize("size", SIZES, ids=lambda s: str(s[0]))
def test_every_form_and_question_can_be_used(size: tuple[int, int], rich: None) -> None:
    def declare(window: MainWindow) -> None:
        window.go("sources")
        settle(window.context)
        window.places.place("sources").declare("down")  # type: ignore[attr-defined]

    def aside(window: MainWindow) -> None:
        window.go("sources")
        window.places.place("sources").show_part("aside")  # type: ignore[attr-defined]

    def scanned(window: MainWindow) -> None:
        window.show_patient(TWINS[0].id)
        settle(window.context)
        found = Identified(scan=Band(nhs=TWINS[1].nhs or ""), people=(Person(view=TWINS[1], alike=SAME_WARD),))
        window.scans.ask(question_of(found, TWINS[0], "Europe/London"))

    def search(window: MainWindow) -> None:
        window.find()
        window.header.find.setText("moh")
        window.header.find.textEdited.emit("moh")

    questions: dict[str, Callable[[MainWindow], None]] = {
        "declare": declare, "set aside": aside, "scan": scanned, "search": search, "lock": lambda w: w.lock(),
    }  # fmt: skip
    for kind in KINDS:
        questions[kind] = lambda w, kind=kind: w.record(kind, TWINS[0].id, None)  # type: ignore[misc]
    found = {}
    for name, ask in questions.items():
        with window_on(FakeHouse(), *size) as window:
            ask(window)
            found[name] = wrong(window)
            assert (window.width(), window.height()) == size, f"{name} pushed the window open"
    assert {k: v for k, v in found.items() if v} == {}


def test_the_focus_is_seen_wherever_it_goes(rich: None) -> None:
    with window_on(FakeHouse()) as window:
        window.activateWindow()
        found = {}
        for place in ("ward", "record", "sources", "help"):
            window.go(place)
            settle(window.context)
            found[place] = blind_focus(window)
        for kind in ("observations", "note"):
            window.record(kind, TWINS[0].id, None)
            settle(window.context)
            found[kind] = blind_focus(window)
        assert {k: v for k, v in found.items() if v} == {}


def test_the_board_has_the_columns_that_its_width_bears() -> None:
    """LOOK §4: two columns of beds at 100 and at 150 %, three at 125 %; every bed can be come to by the arrows."""
    for size, columns in zip(SIZES, (2, 3, 2), strict=True):
        with window_on(FakeHouse(), *size) as window:
            board = window.places.ward.board.view
            assert board.columns == columns
            assert columns * board.column_width <= board.width() + 20


def test_no_role_of_type_is_smaller_than_the_floor() -> None:
    assert min(role.px for role in ROLES.values()) >= LEAST_TEXT


# -- each check finds what it is for ---------------------------------------------------------------------------------


def _put(window: MainWindow, made: QWidget, x: int, y: int, wide: int, high: int) -> None:
    made.setParent(window.places)
    made.setGeometry(x, y, wide, high)
    made.show()
    made.raise_()
    QApplication.processEvents()


@pytest.mark.parametrize(("name", "place", "said"), [
    ("", (500, 300, 90, 44), "has no name"), ("Sign", (500, 300, 90, 30), "is 90×30"),
    ("Sign", (2000, 300, 90, 44), "lies out of"), ("Sign off", (500, 300, 44, 44), "px of words"),
    ("Sign", (20, 20, 90, 44), "overlap"),
])  # fmt: skip
def test_sabotage_each_fault_is_found(name: str, place: tuple[int, int, int, int], said: str) -> None:
    with window_on(FakeHouse()) as window:
        button = Button(window.look, name, name="x")
        button.setAccessibleName(name)
        _put(window, button, *place)
        assert any(said in f for f in wrong(window))


def test_sabotage_a_control_that_hides_its_focus_is_found() -> None:
    class Blind(RailItem):
        def hasFocus(self) -> bool:
            return bool(QWidget.hasFocus(self))

        def paintEvent(self, event: object) -> None:
            return

    with window_on(FakeHouse()) as window:
        window.activateWindow()
        _put(window, Blind(window.look, "Sign", "record", parent=window.places), 500, 300, 90, 44)
        assert any("Sign" in f for f in blind_focus(window))


# -- colours ---------------------------------------------------------------------------------------------------------


def luminance(color: str) -> float:
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """WCAG 2.2: relative luminance of the lighter over the darker."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("paper", "panel", "sunken", "sel", "warn_tint", "hi_tint", "pen_tint", "normband")
TEXTS = [
    *((ink, ground) for ink in ("ink", "ink2", "hi", "lo", "ok", "warn", "pen") for ground in GROUNDS),
    *(("ink3", ground) for ground in ("paper", "panel", "sunken")), ("paper", "ink"), ("paper", "ink2"),
    ("onshell", "shell"), ("onshell2", "shell"), ("brass", "shell"), ("onbrass", "brass"), ("oncrit", "crit"),
]  # fmt: skip
# Text on a tint that no screen puts there: each pair is looked for in the sources by hand and has none.
NEVER = {("hi", "pen_tint"), ("hi", "normband"), ("ok", "hi_tint"), ("ok", "warn_tint"), ("lo", "hi_tint")}
MARKS = [
    *((mark, ground) for mark in ("edge", "ink", "hi", "lo", "ok", "pen") for ground in ("paper", "panel", "sunken"))
]


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_every_pair_of_colours_has_its_contrast(theme: Theme) -> None:
    low = [(t, round(ratio(getattr(theme, t[0]), getattr(theme, t[1])), 2)) for t in TEXTS if t not in NEVER]
    assert [x for x in low if x[1] < (9 if theme.name == "contrast" else 4.5)] == []
    marks = [(m, round(ratio(getattr(theme, m[0]), getattr(theme, m[1])), 2)) for m in MARKS]
    assert [x for x in marks if x[1] < 3] == []


# -- what is heard ---------------------------------------------------------------------------------------------------

SHORT_DATE = re.compile(r"\b\d\d-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")


def heard(window: QWidget) -> list[str]:
    root = QAccessible.queryAccessibleInterface(window)
    assert root is not None
    texts = (QAccessible.Text.Name, QAccessible.Text.Description)
    return [n.text(t) for n in nodes(root) for t in texts if n.text(t)]


def short_dates(window: MainWindow) -> list[str]:
    """The check: what is heard with a date in its short form. An example of what may be typed stays as it is typed."""
    settle(window.context)
    return [t[:80] for t in heard(window) if SHORT_DATE.search(t) and "another day: " not in t]


def test_the_ear_hears_every_date_in_full(rich: None) -> None:
    """CUI D+Ta-0015."""
    with window_on(FakeHouse()) as window:
        found = {}
        for place in (*window.places.items, "sources"):
            window.go(place)
            found[place] = short_dates(window)
        window.show_patient(TWINS[0].id)
        settle(window.context)
        for name in sections(window):
            found[name] = short_dates(window)
        for kind in KINDS:
            window.record(kind, TWINS[0].id, None)
            found[kind] = short_dates(window)
        said = heard(window)
        assert any("9 September 1960" in t for t in said), "the banner's date of birth"
        assert {k: v for k, v in found.items() if v} == {}


def test_sabotage_a_pane_that_says_short_dates_is_found(rich: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop.patient import sheet

    monkeypatch.setattr(sheet, "long_dates", lambda text: text)
    with window_on(FakeHouse()) as window:
        window.show_patient(TWINS[0].id)
        settle(window.context)
        assert short_dates(window)


def test_long_dates_change_dates_alone() -> None:
    told = "24-Nov-2026 03:12, 05-Jan, Nov-2026, 2026, 12-Foo-2026, 1-2-3, W07-10"
    assert long_dates(told) == "24 November 2026 03:12, 5 January, Nov-2026, 2026, 12-Foo-2026, 1-2-3, W07-10"


def test_press_means_tap() -> None:
    """A press in the middle of a button meets the button: nothing lies over it."""
    with window_on(FakeHouse()) as window:
        for item in window.places.items.values():
            hit = window.childAt(item.mapTo(window, QPoint(20, 20)))
            assert hit is item
        assert not window.dim.testAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
