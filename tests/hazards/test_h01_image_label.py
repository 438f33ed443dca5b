"""H01 for images: the identity under a picture is the banner's, and no study of another patient gets under it."""

from __future__ import annotations

import pytest

from desktop.imaging import viewer
from desktop.imaging.reports import Imaging
from desktop.imaging.viewer import ImagesOfAnother
from desktop.patient.page import PatientPage
from localdb.chart import wording
from localdb.chart.reports import Examination
from tests.unit.desktop.imaging.made_images import Study, images_of
from tests.unit.desktop.patient.builders import chart, patient_view
from tests.unit.desktop.patient.stage import stage_of

STUDIES = [Study(f"1.{n}", patient=f"P000000000000{n + 1}").ct(3) for n in (0, 1)]
CHARTS = [chart(patient_view(n, ("Alder", "Birch")[n], "Ida"), images=(STUDIES[n].record(),)) for n in (0, 1)]
IMAGES = images_of(*STUDIES)


def test_the_label_names_whom_the_banner_names_and_no_study_of_another_gets_under_it(qtbot) -> None:
    stage = stage_of(*CHARTS)
    stage.house.images = IMAGES
    page = PatientPage(stage.context)
    qtbot.addWidget(page, before_close_func=lambda _: stage.context.close())
    page.resize(1366, 680)
    page.show()
    page.show_patient(CHARTS[0].patient.id, 5)
    assert page.frame is not None
    section = page.frame.shown
    assert isinstance(section, Imaging) and section.viewer is not None
    assert wording.display_name(CHARTS[0].patient.name) in section.viewer.label.words
    assert page.frame.banner.name in section.viewer.label.words
    theirs = CHARTS[1].lists["images"].items[0]
    other = Examination(study=theirs)  # type: ignore[arg-type]
    with pytest.raises(ImagesOfAnother):
        section.viewer.open(other, (), IMAGES.instances[theirs.uid])  # type: ignore[attr-defined]
    with pytest.raises(ImagesOfAnother):
        section.viewer.put_beside(other)
    mine = section.viewer.examination
    assert mine is not None
    with pytest.raises(ImagesOfAnother):  # the record of the study is right, its instances are another study's
        section.viewer.open(mine, (), IMAGES.instances[theirs.uid])  # type: ignore[attr-defined]


def test_sabotage_without_the_identity_check_another_patients_study_stands_under_the_label(qtbot, monkeypatch) -> None:
    monkeypatch.setattr(viewer, "refuse_others", lambda study, chart, instances: None)
    with pytest.raises(pytest.fail.Exception):
        test_the_label_names_whom_the_banner_names_and_no_study_of_another_gets_under_it(qtbot)
