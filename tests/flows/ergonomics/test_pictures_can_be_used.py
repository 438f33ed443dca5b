"""The viewer at 100, 125 and 150 %: every row of its tools, the screen check, two up, not held: named, large enough, whole,
in reach; the focus is seen; the ear hears long dates (CLINICAL §8, LOOK §3-§7)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from desktop.imaging.reports import Imaging
from desktop.imaging.tools import MEASURE, MODES, MORE, PRESETS
from desktop.imaging.viewer import Viewer
from desktop.shell.tokens import VIEWER
from desktop.shell.window import MainWindow
from localdb.records.vocabulary import HumanName
from tests.flows.ergonomics.test_everything_can_be_used import SIZES, ratio, short_dates, wrong
from tests.flows.ergonomics.using import blind_focus
from tests.unit.desktop.imaging.made_images import Study, images_of
from tests.unit.desktop.patient.builders import chart
from tests.unit.desktop.ward_house import TWINS, FakeHouse, FakeReading
from tests.unit.desktop.window_stage import settle, window_on

LONG = HumanName(
    family="Featherstonehaugh-Cholmondeley-Satterthwaite", given=("Wilhelmina", "Alexandrina"), prefix=("Mrs",)
)


@pytest.fixture(autouse=True)
def with_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is opened has a CT with gaps, a prior, and a name of forty letters and more."""
    person = TWINS[0].id
    now = Study("1.1", patient=person).ct(12, text="CT thorax with contrast, soft tissue 5.0 mm").drop(7).unheld(3)
    before = Study("1.2", patient=person).ct(6, step=10.0)
    who = msgspec.structs.replace(TWINS[0], name=LONG, names=(LONG,))
    held = images_of(now, before)
    name = "CT pulmonary angiogram and CT abdomen and pelvis with contrast"
    made = chart(who, images=(now.record(total=412, text=name), before.record(when="2026-11-09T10:00")))
    monkeypatch.setattr(FakeReading, "chart", lambda self, patient: made)
    monkeypatch.setattr(FakeReading, "instances", lambda self, patient, study: held.instances.get(study, ()))
    monkeypatch.setattr(FakeReading, "blob", lambda self, digest: held.blobs.get(digest), raising=False)


def opened(window: MainWindow) -> Viewer:
    window.show_patient(TWINS[0].id, 5)
    settle(window.context)
    frame = window.patient_page.frame
    assert frame is not None
    section = frame.shown
    assert isinstance(section, Imaging)
    settle(window.context)
    viewer = section.viewer
    assert viewer is not None
    if not section.is_beside:
        section.see.click()
    settle(window.context)
    assert viewer.isVisible()
    return viewer


def states(window: MainWindow, viewer: Viewer) -> Iterator[str]:
    """Goes through what the viewer can look like."""
    yield "check"
    viewer.check.no.click()
    yield "advice"
    viewer.check.no.click()
    for row in (*MODES, MORE, PRESETS):
        if row == PRESETS:
            viewer.acts.do("window")
        viewer.tools.buttons[row].click()
        yield row
    viewer.tools.buttons["back"].click()
    viewer.acts.use_mode(MEASURE)
    viewer.acts.do("length")
    yield "length"
    viewer.go(3)
    yield "not held"
    viewer.acts.do("two_up")
    settle(window.context)
    yield "two up"
    viewer.acts.do("wide")
    yield "wide or report"


@pytest.mark.parametrize("size", SIZES, ids=lambda s: str(s[0]))
def test_every_state_of_the_viewer_can_be_used(size: tuple[int, int]) -> None:
    with window_on(FakeHouse(), *size) as window:
        viewer = opened(window)
        found = {}
        for name in states(window, viewer):
            settle(window.context)
            found[name] = [*wrong(window), *(short_dates(window) if size == SIZES[0] else ())]
            if viewer.isVisible():
                assert viewer.label.isVisible(), name
                label = viewer.label.mapTo(window, viewer.label.rect().bottomLeft())
                assert label.y() <= window.height(), f"{name}: the label is cut"
        assert (window.width(), window.height()) == size, "the viewer pushed the window open"
        assert {k: v for k, v in found.items() if v} == {}


def test_the_focus_is_seen_in_the_viewer() -> None:
    with window_on(FakeHouse()) as window:
        viewer = opened(window)
        window.activateWindow()
        QApplication.processEvents()
        assert viewer.isVisible()
        assert blind_focus(viewer) == []


def test_the_colours_over_the_surround_have_their_contrast() -> None:
    """4.5:1 for text, 3:1 for borders (WCAG 2.2 AA), on every ground on which they stand."""
    pairs = [(t, g) for t in ("ink", "ink2", "ink3", "brass", "warn", "hi") for g in ("paper", "panel", "sunken")]
    low = [(t, g, r) for t, g in [*pairs, ("ink", "sel")] if (r := ratio(getattr(VIEWER, t), getattr(VIEWER, g))) < 4.5]
    assert low == []
    assert min(ratio(VIEWER.edge, getattr(VIEWER, g)) for g in ("paper", "panel")) >= 3
    assert VIEWER.paper == "#26282A"  # LOOK §2
