"""DICOM in (issue 8, Measure): instances a second beside the bare decoder, stored size beside the original and beside the
best lossless codec. The child reads; the wall counts, the quickest of several runs."""

from __future__ import annotations

import csv
import io
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest

from localdb.sources.dicom import inside
from localdb.sources.dicom.child import DicomReader
from localdb.sources.dicom.kept import pixel_files
from localdb.sources.dicom.part10 import read_part10
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import FileReading
from tests.bench.test_pixels import slices
from tests.unit.sources.dicom.made import image, packed

pytestmark = pytest.mark.bench
PROFILE = SourceProfile()
LEAST = 100_000  # bytes decoded: below it a head of a file says more than its pixels


def _unsigned(a: np.ndarray) -> np.ndarray:
    """The same steps from value to value without a sign, which JPEG-LS does not know."""
    return a if a.dtype.kind == "u" else (a.astype(np.int64) - np.iinfo(a.dtype).min).astype(f"u{a.dtype.itemsize}")


LOSSLESS: dict[str, Callable[[np.ndarray], bytes]] = {
    "htj2k": imagecodecs.htj2k_encode,
    "jpegls": lambda a: imagecodecs.jpegls_encode(_unsigned(a)),
    "jpeg2000": lambda a: bytes(imagecodecs.jpeg2k_encode(a, level=0, reversible=True)),
}


def quickest(work: Callable[[], Any], times: int = 3) -> float:
    """Seconds."""
    best = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def ct(count: int) -> list[bytes]:
    """A CT of 512 × 512, uncompressed, as a scanner sends it."""
    _, made = slices(count)
    return [
        packed(
            image(Rows=512, Columns=512, BitsStored=12, HighBit=11, InstanceNumber=str(n), PixelData=one.tobytes(),
                  SOPInstanceUID=f"1.2.3.{n}")
        )
        for n, one in enumerate(made)
    ]  # fmt: skip


def test_a_ct_comes_in(kept: Callable[..., None], benchmark: Any) -> None:
    files = ct(40)
    reader = DicomReader()

    def ours() -> None:
        for one in files:
            found = reader.ask("a", one, "pacs", PROFILE)
            assert isinstance(found, FileReading) and found.units[0].blobs

    def bare() -> None:
        for one in files:
            assert pydicom.dcmread(io.BytesIO(one)).pixel_array.shape == (512, 512)

    def coded() -> None:
        for one in files:
            frame = pydicom.dcmread(io.BytesIO(one)).pixel_array
            assert np.array_equal(imagecodecs.htj2k_decode(imagecodecs.htj2k_encode(frame)), frame)

    try:
        ours()  # the child is started
        took, plain, best = quickest(ours), quickest(bare), quickest(coded)
        benchmark.pedantic(ours, rounds=1)
    finally:
        reader.close()
    rate = {"per_second": round(len(files) / took, 1), "bare_per_second": round(len(files) / plain, 1)}
    kept("a CT in / the bare decoder", took / plain, **rate)
    kept("a CT in / decoding, coding and proving it", took / best, coded_per_second=round(len(files) / best, 1))


def test_the_images_of_the_data_are_held_small(data_dir: Path, kept: Callable[..., None], benchmark: Any) -> None:
    inside.prepare()
    original = decoded = held = 0
    best = dict.fromkeys(LOSSLESS, 0)
    least = 0
    with (data_dir / "MANIFEST.csv").open(encoding="utf-8") as stream:
        names = [
            r["path"] for r in csv.DictReader(stream) if r["path"][:6] == "dicom/" and r["check"] == "ok; pixels ok"
        ]
    parts = []
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            part = read_part10((data_dir / name).read_bytes())
            frames = [f for f, _ in inside.decoding.frames_of(part)] if part.pixels is not None else []
        size = sum(f.nbytes for f in frames)
        if size < LEAST or frames[0].dtype.itemsize > 2:
            continue
        parts.append(part)
        assert part.pixels is not None
        original += part.pixels.end - part.pixels.start
        decoded += size
        held += sum(p.size for p in pixel_files(part)[0])
        sizes = {codec: _size(codec, frames) for codec in LOSSLESS}
        for codec, one in sizes.items():
            best[codec] += one
        least += min(sizes.values())
    assert len(parts) > 50
    benchmark.pedantic(lambda: [pixel_files(p) for p in parts[:5]], rounds=1)
    kept("held / uncompressed", held / decoded, images=len(parts), sent=round(held / original, 2))
    kept("held / the best lossless codec of each", held / least, **{c: round(held / n, 3) for c, n in best.items()})


def _size(codec: str, frames: list[np.ndarray]) -> int:
    """Bytes of frames in a codec; of a shape that it does not take, as HTJ2K."""
    try:
        return sum(len(LOSSLESS[codec](np.ascontiguousarray(f))) for f in frames)
    except ValueError:
        return _size("htj2k", frames)
