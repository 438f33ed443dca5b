"""H02 and H01 for images: a picture of one patient or study under the name of another.

Studies of several patients are opened, scrolled and left at random while records and pixels come late and in any order.
After each step the picture that may be painted is the study's that the page stands on, and the label names that patient.
The sabotage takes the check of the key away; the same walk must then show a mismatch.
"""

from __future__ import annotations

import random

import pytest

from desktop.imaging import loading, picture, viewer
from desktop.imaging.reports import Imaging
from desktop.imaging.viewer import Viewer
from desktop.patient.page import PatientPage
from localdb.chart.views import Chart
from tests.unit.desktop.imaging.made_images import Study, images_of
from tests.unit.desktop.patient.builders import chart, patient_view
from tests.unit.desktop.patient.stage import Images, Late, Stage, stage_of

FAMILIES = ("Alder", "Birch", "Cedar")


def made() -> tuple[list[Chart], Images]:
    """Three patients with two CTs each; the studies of all have slices of the same numbers and one blob name each."""
    charts, studies = [], []
    for n, family in enumerate(FAMILIES):
        own = [Study(f"1.{n}.{k}", patient=f"P000000000000{n + 1}").ct(5) for k in (1, 2)]
        studies += own
        records = tuple(s.record(when=f"2026-11-{20 - k:02}T10:00") for k, s in enumerate(own))
        charts.append(chart(patient_view(n, family, "Ida"), images=records))
    return charts, images_of(*studies)


CHARTS, IMAGES = made()
OWNER = {uid: one.patient for uid, found in IMAGES.instances.items() for one in found}


def staged(seed: int) -> tuple[Stage, PatientPage, Late]:
    stage = stage_of(*CHARTS, late=True, seed=seed)
    stage.house.images = IMAGES
    bench = Late(stage.house.reading, seed + 1)
    stage.context.reading_bench = lambda name: bench  # type: ignore[method-assign,assignment]
    return stage, PatientPage(stage.context), bench


def mismatches(page: PatientPage) -> list[str]:
    """What may be painted and is not of the patient, and the study, that stand in front."""
    wrong: list[str] = []
    for found in page.findChildren(Viewer):
        if not found.isVisible() or not page.person or found.key != page.stand.key:
            continue
        family = FAMILIES[int(page.person[-1]) - 1].upper()
        if found.main.examination is not None and family not in found.label.words:
            wrong.append(f"label says {found.label.words}")
        for side in found.sides:
            shown = side.view.shown.picture
            if shown is None or not side.view.may_show() or not side.view.may_paint():
                continue
            if OWNER[shown.want.study] != page.person:
                wrong.append("a picture of another patient")
            study = side.examination.study if side.examination is not None else None
            if study is None or shown.want.study != study.uid:
                wrong.append("a picture of another study")
    return wrong


def walk(page: PatientPage, stage: Stage, bench: Late, seed: int, count: int) -> list[str]:
    chance, found = random.Random(seed), list[str]()
    for _ in range(count):
        act = chance.random()
        section = page.frame.shown if page.frame is not None else None
        shown = section.viewer if isinstance(section, Imaging) else None
        if act < 0.12:
            page.show_patient(chance.choice(CHARTS).patient.id, 5)
        elif act < 0.2 and isinstance(section, Imaging):
            section.shelf.list.choose(chance.randrange(2))
        elif act < 0.4 and shown is not None and shown.main.is_open:
            shown.go(chance.randrange(5))
        elif act < 0.5 and shown is not None and shown.main.is_open:
            shown.acts.do("two_up")
        elif act < 0.75:
            stage.reader.deliver()
        else:
            bench.deliver()
        found += mismatches(page)
    return found


@pytest.mark.parametrize("seed", range(2))
def test_no_picture_of_another_patient_or_study_is_painted_however_late_it_comes(qtbot, seed: int, long: bool) -> None:
    stage, page, bench = staged(seed)
    qtbot.addWidget(page, before_close_func=lambda _: stage.context.close())
    page.resize(1366, 680)
    page.show()
    assert walk(page, stage, bench, seed, 1500 if long else 110) == []
    while stage.reader.deliver() or bench.deliver():
        assert mismatches(page) == []


def test_sabotage_without_the_checks_the_same_walk_shows_a_mismatch(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading.Loader, "admits", lambda self, key: True)
    monkeypatch.setattr(viewer.Viewer, "_is_awaited", lambda self, key: True)
    monkeypatch.setattr(picture.PictureView, "may_paint", lambda self: True)
    monkeypatch.setattr(Imaging, "_is_asked_for", lambda self, key: True)
    monkeypatch.setattr(viewer, "refuse_others", lambda study, chart, instances: None)
    found: list[str] = []
    for seed in range(8):
        stage, page, bench = staged(seed)
        qtbot.addWidget(page, before_close_func=lambda _, stage=stage: stage.context.close())
        page.resize(1366, 680)
        page.show()
        found += walk(page, stage, bench, seed, 250)
        if "a picture of another study" in found:
            return
    pytest.fail("the walk finds nothing: it does not test the checks")
