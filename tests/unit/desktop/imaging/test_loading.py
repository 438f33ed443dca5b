"""Decoding beside the window: newest wish first, a bound of bytes, errors by code, nothing kept after a lock."""

from __future__ import annotations

from typing import Any

import numpy as np

from desktop.imaging.loading import Decoded, Files, Loader, Picture, Want, decoded, want_of
from desktop.patient.keyed import PatientKey, Stand
from localdb.chart.images import rows_of
from localdb.pixels.facts import Facts
from tests.unit.desktop.imaging.made_images import P1, Study, chart_of, slice_values, stage_with
from tests.unit.desktop.patient.stage import Late

KEY = PatientKey(P1, 1)


def picture(n: int, size: int = 100) -> Picture:
    return Picture(Want(KEY, "s", f"u{n}", 0, "b", 10, 10), np.zeros(size, np.uint8), Facts(rows=10, columns=10))


def test_decoded_frames_stay_within_their_bytes_and_the_least_used_goes() -> None:
    held = Decoded(350)
    for n in range(3):
        held.put(picture(n))
    assert held.get(picture(0).want) is not None  # used: it is not the next to go
    held.put(picture(3))
    assert [picture(n).want in held for n in range(4)] == [True, False, True, True] and held.used == 300
    held.put(picture(9, 1000))
    assert len(held) == 1 and held.used == 1000
    held.clear()
    assert held.used == 0


class Asked:
    """A reading that counts what it was asked for."""

    def __init__(self, blobs: dict[str, bytes]) -> None:
        self._blobs, self.asked = blobs, list[str]()

    def blob(self, digest: str) -> bytes | None:
        self.asked.append(digest)
        return self._blobs.get(digest)


def test_a_pixel_file_is_read_once_for_all_its_frames_and_within_a_bound() -> None:
    film, ct = Study("1.1").film(), Study("1.2").ct(3)
    reading, files = Asked(film.blobs | ct.blobs), Files(most=1)
    row = rows_of(film.record(), film.instances)[0]
    for slide in row.slides:
        want = want_of(KEY, slide)
        assert want is not None
        assert decoded(files, reading, want).values.shape == (60, 80, 3)
    assert len(reading.asked) == 1
    for one in ct.instances:
        files.open(reading, one.pixels[0].blob)
    assert len(files._held) == 1  # the bound is a byte: only the last one stays


def test_a_thumbnail_is_eight_bit_and_small() -> None:
    xray = Study("1.3").xray((1000, 800))
    slide = rows_of(xray.record(), xray.instances)[0].slides[0]
    want = want_of(KEY, slide, small=True)
    assert want is not None
    made = decoded(Files(), Asked(xray.blobs), want)
    assert made.values.dtype == np.uint8 and 90 <= min(made.values.shape) <= 200


def _loader(study: Study) -> tuple[Any, Loader, Stand, Late]:
    held = chart_of(study.record())
    stage, stand = stage_with(held, study), Stand()
    bench = Late(stage.house.reading)
    stage.context.reading_bench = lambda name: bench  # type: ignore[method-assign,assignment]
    return stage, Loader(stage.context, stand, stand.turn_to(P1)), stand, bench


def test_the_newest_wish_goes_first_and_one_piece_of_work_is_out_at_a_time(qapp) -> None:
    study = Study("1.4").ct(10)
    _stage, loader, _, bench = _loader(study)
    slides = rows_of(study.record(), study.instances)[0].slides
    came: list[str] = []
    loader.arrived.connect(lambda want: came.append(want.uid))
    loader.wish(slides[:1], slides[1:4])
    loader.wish(slides[7:8], slides[8:10])
    assert len(bench.waiting) == 1
    while bench.deliver():
        pass
    assert came == [f"1.4.1.{n}" for n in (1, 8, 9, 10)]
    got = loader.picture(slides[7])
    assert got is not None and np.array_equal(got.values, slice_values(8))


def test_a_file_that_is_gone_is_an_error_of_that_picture_alone(qapp) -> None:
    study = Study("1.5").ct(2)
    study.blobs.pop(study.instances[0].pixels[0].blob)
    _stage, loader, _, bench = _loader(study)
    slides = rows_of(study.record(), study.instances)[0].slides
    loader.wish(slides)
    while bench.deliver():
        pass
    error = loader.error(slides[0])
    assert error is not None and error.code == "image.not_held"
    assert loader.picture(slides[1]) is not None


def test_a_lock_forgets_and_what_was_on_its_way_is_refused(qapp) -> None:
    study = Study("1.6").ct(4)
    stage, loader, _, bench = _loader(study)
    slides = rows_of(study.record(), study.instances)[0].slides
    loader.wish(slides[:2], thumbs=slides[:2])
    bench.deliver()
    assert loader.picture(slides[0]) is not None
    stage.context.locking.emit()
    assert loader.picture(slides[0]) is None and loader.decoded.used == 0 and not loader.small
    while bench.deliver():
        pass
    assert loader.refused == 1 and len(loader.decoded) == 0
