"""Imaging on screen: every row's facts, filter by kind, two side by side, files of reports, restricted ones covered."""

from __future__ import annotations

import struct

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from desktop.imaging.reports import Imaging, line_of
from desktop.patient.held_pages import LetterDamaged, page_picture, page_sizes
from localdb.chart.documents import RESTRICTED
from localdb.chart.reports import Examination
from localdb.chart.views import UNAVAILABLE, Chart, Listing
from localdb.records.vocabulary import Attachment, Report
from tests.unit.chart.test_reports import report, request, study
from tests.unit.desktop.patient.builders import at, chart
from tests.unit.desktop.patient.sections import section_on
from tests.unit.desktop.patient.stage import NOW, FakeReading

CURRENT = report("3", "2026-11-23T19:00", text="CT chest", body="Nodule 9 mm.", modality="CT")
PRIOR = report("2", "2026-11-09T19:00", text="CT chest", body="Nodule 7 mm.", modality="CT")
OTHER = report("1", "2026-11-01T10:00", text="Chest X-ray", body="Clear lungs.", modality="DX")


def show(qtbot, held: Chart, size: tuple[int, int] = (1206, 588), role: str = "clinician") -> Imaging:
    return section_on(qtbot, Imaging, held, size, role=role)


def said(imaging: Imaging) -> str:
    return imaging.shelf.sheet.pane.spoken()


def test_a_row_says_status_modality_verifier_alert_accession_and_images() -> None:
    line = line_of(
        Examination(report(author="Dr H. Abara", accession="A-77", alert="RED 2", modality="CT", laterality="Left",
                           text="CT knee"), study(held=42, total=412)), NOW)  # fmt: skip
    assert (line.title, line.when, line.state, line.detail) == ("CT knee, Left", "23-Nov 19:12", "final", "CT")
    assert line.more == ("Alert as sent: RED 2", "Verified 23-Nov 19:12 by Dr H. Abara", "Accession A-77",
                         "42 of 412 images held")  # fmt: skip


def test_reports_without_images_and_images_without_report_both_say_so(qtbot) -> None:
    assert "Report without images" in line_of(Examination(report()), NOW).more
    imaging = show(qtbot, chart(images=(study(total=2),)))
    assert "PERFORMED, NOT REPORTED" in said(imaging)
    assert "0 of 2 images held" in said(imaging)


def test_a_booked_examination_says_for_when_and_why(qtbot) -> None:
    booked = request(
        text="CT pulmonary angiogram", comments=("booked 09:30",), wanted=at("2026-11-24T09:30"), reason="PE?"
    )
    words = said(show(qtbot, chart(requests=(booked,))))
    for fact in ("CT pulmonary angiogram", "BOOKED", "Booked for, 09:30", "PE?"):
        assert fact in words


def test_requests_alone_do_not_look_like_a_list_of_reports_that_are_there(qtbot) -> None:
    words = said(show(qtbot, chart(requests=(request(),), reports=Listing(UNAVAILABLE))))
    assert "imaging reports not in this copy" in words
    assert "not in this copy" not in said(show(qtbot, chart(requests=(request(),), reports=(report(),)))).replace(
        "no study of it is in this copy", ""
    )


def test_an_alert_of_a_withdrawn_report_is_not_shown() -> None:
    line = line_of(Examination(report(status="entered-in-error", alert="RED 2")), NOW)
    assert not any("RED" in x for x in line.more)


def test_filter_by_kind_keeps_the_count_of_all(qtbot) -> None:
    imaging = show(qtbot, chart(reports=(CURRENT, PRIOR, OTHER)))
    imaging.kinds["X-ray"].click()
    assert [e.name for e in imaging.shown] == ["Chest X-ray"]
    assert "1 of 3 shown" in imaging.shelf.head.pane.spoken()
    assert "Clear lungs" in said(imaging)
    imaging.kinds[""].click()
    assert len(imaging.shown) == 3


@pytest.mark.parametrize(("size", "columns"), [((1206, 588), 2), ((787, 300), 1)])
def test_two_reports_stand_side_by_side_named_in_words_with_the_time_between(qtbot, size, columns: int) -> None:
    imaging = show(qtbot, chart(reports=(CURRENT, PRIOR, OTHER)), size)
    imaging.compare.click()
    words = said(imaging)
    assert (
        words.index("CURRENT")
        < words.index("Nodule 9 mm")
        < words.index("PRIOR, 14d earlier")
        < words.index("Nodule 7 mm")
    )
    qtbot.waitUntil(lambda: len({p.x for p in imaging.shelf.sheet.pane.placed}) == columns, timeout=5000)
    imaging.earlier.click()
    assert "Clear lungs" in said(imaging) and "Nodule 7 mm" not in said(imaging)
    imaging.compare.click()
    assert "PRIOR" not in said(imaging) and imaging.shelf.side.isVisible()


def test_the_later_one_beside_an_earlier_one_is_called_current(qtbot) -> None:
    imaging = show(qtbot, chart(reports=(CURRENT, PRIOR)))
    imaging.shelf.list.choose(1)
    imaging.compare.click()
    assert "PRIOR. " in said(imaging) and "CURRENT, 14d later" in said(imaging)


def test_one_examination_offers_no_comparison(qtbot) -> None:
    assert show(qtbot, chart(reports=(CURRENT,))).compare is None


def test_a_restricted_report_is_covered_until_it_is_asked_for(qtbot) -> None:
    secret = report(restricted=True, text="Forensic CT", body="Fracture of the hyoid.")
    imaging = show(qtbot, chart(reports=(secret,)))
    assert "Forensic" not in imaging.shelf.list.accessibleName() and RESTRICTED in imaging.shelf.list.accessibleName()
    assert "hyoid" not in said(imaging)
    assert imaging.shelf.reveal.isVisible()
    imaging.shelf.reveal.click()
    assert "hyoid" in said(imaging) and not imaging.shelf.reveal.isVisible()


def test_who_has_no_clinical_role_is_told_that_something_is_kept_back(qtbot) -> None:
    secret = report(restricted=True, text="Forensic CT", body="Fracture of the hyoid.")
    imaging = show(qtbot, chart(reports=(secret, OTHER)), role="feed")
    assert "hyoid" not in said(imaging) and "1 restricted record is not shown" in said(imaging)


def test_another_patient_leaves_nothing_behind(qtbot) -> None:
    imaging = show(qtbot, chart(reports=(CURRENT, PRIOR)))
    imaging.stand.turn_to("P0000000000009")
    assert not imaging.shelf.sheet.pane.isVisible()
    assert not imaging.shelf.list.isVisible()


# -- files


def tiff(pages: int) -> bytes:
    """A grey TIFF of several pictures, 8 × 4, page n of grey 40 × n."""
    out = bytearray(b"II*\0" + b"\0\0\0\0")
    last = 4
    for n in range(pages):
        data = bytes([40 * (n + 1)]) * 32
        at_ = len(out)
        out += data
        tags = ((256, 4, 8), (257, 4, 4), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, at_), (277, 3, 1), (278, 4, 4),
                (279, 4, 32))  # fmt: skip
        start = len(out)
        out[last : last + 4] = struct.pack("<I", start)
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in tags)
        last = len(out)
        out += b"\0\0\0\0"
    return bytes(out)


def test_every_page_of_a_scan_is_there() -> None:
    data = tiff(3)
    assert page_sizes(data, "image/tiff") == [(8.0, 4.0)] * 3
    greys = [page_picture(data, "image/tiff", n, (8, 4), 0).pixelColor(3, 2).red() for n in range(3)]
    assert greys == [40, 80, 120]


def png() -> bytes:
    image = QImage(8, 4, QImage.Format.Format_RGB32)
    image.fill(QColor(200, 0, 0))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def test_bytes_of_another_kind_than_was_said_are_damaged_without_a_warning_of_qt() -> None:
    with pytest.raises(LetterDamaged):
        page_sizes(png(), "image/jpeg")
    with pytest.raises(LetterDamaged):
        page_sizes(b"This is no picture", "image/tiff")


def test_the_files_of_a_report_are_drawn_in_place_and_a_withdrawn_ones_are_not(qtbot, monkeypatch) -> None:
    held = {"a": tiff(2), "b": png()}
    monkeypatch.setattr(FakeReading, "blob", lambda self, digest: held.get(digest), raising=False)
    filed: Report = report(body="", blob="a", media_type="image/tiff", files=(Attachment("b", "image/png"),))
    imaging = show(qtbot, chart(reports=(filed,)))
    qtbot.waitUntil(lambda: "Page 2 of 2" in said(imaging) and "Page 1 of 1" in said(imaging), timeout=10_000)
    gone = show(qtbot, chart(reports=(report(status="entered-in-error", body="", blob="a", media_type="image/tiff"),)))
    assert gone._files == {} and "Page" not in said(gone)


def test_a_file_that_is_not_held_says_so_in_place(qtbot, monkeypatch) -> None:
    monkeypatch.setattr(FakeReading, "blob", lambda self, digest: None, raising=False)
    imaging = show(qtbot, chart(reports=(report(body="", blob="a", media_type="application/pdf"),)))
    qtbot.waitUntil(lambda: "letter.not_held" in said(imaging), timeout=10_000)
    assert "This report cannot be shown" in said(imaging)
