"""The viewer's budgets (DESIGN §6, issue 8): from the encrypted copy to the painted picture, in processor ms of the
window's own process in units of `reference()`; what is painted is painted: `grab` renders every pixel.

Window/level on 2000 × 2500 of 16 bits and the next slice of a CT: 16 ms to the painted frame; the first picture of a study
under a second; memory while a CT of 1,000 slices is scrolled within what the window may hold.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from desktop.app import dress, make_application
from desktop.imaging.reports import Imaging
from desktop.imaging.viewer import Viewer
from desktop.patient.keyed import Stand
from desktop.shell.context import Context
from desktop.shell.tokens import LIGHT, Look
from localdb.chart.views import Chart
from localdb.pixels.facts import Facts, Frame, Window
from localdb.store.blobs import BlobStore
from tests.bench.reference import unit_ms
from tests.unit.desktop.imaging.made_images import AXIAL, CT_FACTS, P1, Study, chart_of
from tests.unit.desktop.patient.stage import FakeHouse, FakeReading, Images

pytestmark = pytest.mark.bench
SEED = 20261128
CT = 1000


class Sealed(FakeReading):
    """Pixel files from a real encrypted store."""

    def __init__(self, charts: dict[str, Chart], images: Images, blobs: BlobStore) -> None:
        super().__init__(charts, images)
        self._blobs = blobs

    def blob(self, digest: str) -> bytes | None:
        return self._blobs.get(digest)


def chest() -> Study:
    """2000 × 2500 of 12 bits in 16, smooth with noise, as a detector gives."""
    dice = np.random.default_rng(SEED)
    y, x = np.mgrid[0:2500, 0:2000]
    made = 2000 + 1500 * np.sin(x / 300) * np.cos(y / 400) + dice.normal(0, 30, (2500, 2000))
    study = Study("1.1")
    facts = Facts(rows=2500, columns=2000, bits=12, modality="DX", common=Frame(windows=(Window("2048", "4096"),)))
    study.add(facts, [np.clip(made, 0, 4095).astype(np.uint16)])
    return study


def scanner(count: int) -> Study:
    """A CT of `count` slices of 512 × 512 with the noise of one: twenty different ones, again and again."""
    dice = np.random.default_rng(SEED)
    y, x = np.mgrid[0:512, 0:512]
    inside = (x - 256) ** 2 + (y - 256) ** 2 < 200**2
    study = Study("1.2")
    for n in range(count):
        place = ("0", "0", f"{n * 1.0:g}")
        facts = replace(CT_FACTS, rows=512, columns=512, frames=(Frame(position=place),))
        more: dict[str, Any] = {"number": n + 1, "position": place, "orientation": AXIAL, "frame_of_reference": "1.9"}
        if n < 20:
            noise = dice.normal(0, 12, (512, 512))
            values = np.where(inside, 40 + 60 * np.sin(x / 30 + n / 9) + noise, -1000) + 1024
            study.add(facts, [values.astype(np.int16)], **more)
        else:
            first = study.instances[n % 20]
            study.instances.append(replace(first, uid=f"1.2.{n + 1}", source_id=f"1.2.{n + 1}", **more))
    return study


def opened(folder: Path, study: Study) -> tuple[Context, Imaging]:
    """The section on that study, its pixel files sealed; nothing is read yet."""
    store = BlobStore(folder, os.urandom(32))
    names = {name: hashlib.sha256(data).hexdigest() for name, data in study.blobs.items()}
    for name, data in study.blobs.items():
        store.put(names[name], data)
    instances = tuple(
        replace(i, pixels=tuple(replace(p, blob=names[p.blob]) for p in i.pixels)) for i in study.instances
    )
    held = chart_of(study.record())
    house = FakeHouse({P1: held})
    images = Images({study.uid: instances})
    house.reading = lambda: Sealed(house.charts, images, store)  # type: ignore[method-assign]
    look = Look(LIGHT)
    dress(make_application(), look)
    context, stand = Context(house, look), Stand()
    section = Imaging(context, stand, stand.turn_to(P1), held)
    section.kept = stand  # type: ignore[attr-defined]
    section.resize(1206, 588)
    section.show()
    return context, section


def until(done: Callable[[], bool], limit: float = 30.0) -> None:
    end = time.monotonic() + limit
    while not done():
        QApplication.processEvents()
        assert time.monotonic() < end, "it did not come"


def is_shown(section: Imaging) -> bool:
    viewer = section.viewer
    return viewer is not None and viewer.main.is_open and viewer.main.view.shown.slide == viewer.main.slide and (
        viewer.main.view.shown.picture is not None
    )  # fmt: skip


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Callable[[Study], Imaging]]:
    made: list[tuple[Context, Imaging]] = []

    def make(study: Study) -> Imaging:
        made.append(opened(tmp_path / f"blobs{len(made)}", study))
        return made[-1][1]

    yield make
    for context, section in made:
        section.hide()
        section.deleteLater()
        context.close()
        QApplication.processEvents()


def spent(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def painted(viewer: Viewer) -> None:
    viewer.main.view.grab()


def test_the_first_picture_from_the_encrypted_copy(shown, kept: Callable[..., None], benchmark: Any) -> None:
    """Wall time too: a person waits for it. The decoders are loaded by the first study, so the second one counts."""
    study = chest()
    section = shown(study)
    until(lambda: is_shown(section))
    begun, used = time.monotonic(), time.process_time()
    section = shown(study)
    until(lambda: is_shown(section))
    benchmark.pedantic(painted, args=(section.viewer,), rounds=1)
    ms = (time.process_time() - used) * 1000
    kept("first picture of 2000 × 2500", ms / unit_ms(), wall_ms=(time.monotonic() - begun) * 1000)


def test_window_level_to_the_painted_frame(shown, kept: Callable[..., None], benchmark: Any) -> None:
    section = shown(chest())
    until(lambda: is_shown(section))
    viewer = section.viewer
    painted(viewer)
    until(lambda: viewer.main.view.shown.is_smooth(viewer.main.view.placed()))

    def drag() -> None:
        viewer.main.view._drag("window", 1, 1)
        painted(viewer)

    benchmark.pedantic(drag, rounds=1)
    kept("window/level painted", min(spent(drag) for _ in range(15)) / unit_ms())


def test_next_slice_to_the_painted_frame(shown, kept: Callable[..., None], benchmark: Any) -> None:
    section = shown(scanner(60))
    until(lambda: is_shown(section))
    viewer = section.viewer
    viewer.go(10)
    until(lambda: is_shown(section) and viewer.loader.is_idle)

    def step() -> None:
        viewer.acts.step(1)
        painted(viewer)

    benchmark.pedantic(step, rounds=1)
    kept("next slice painted", min(spent(step) for _ in range(12)) / unit_ms())


def test_memory_while_a_ct_of_a_thousand_slices_is_scrolled(
    kept: Callable[..., None], benchmark: Any, tmp_path: Path
) -> None:
    """In a process of its own: the most that it holds while it scrolls, imports included."""
    ran = subprocess.run([sys.executable, "-m", "tests.bench.test_viewer", str(tmp_path)], capture_output=True, text=True,
                         check=True, timeout=300, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"})  # fmt: skip
    before, most = (float(x) for x in ran.stdout.split()[-2:])
    benchmark.pedantic(lambda: None, rounds=1)
    kept("memory of 1,000 slices", most / 500, MiB=most, before_MiB=before)


def held_mib() -> float:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _scroll(folder: Path) -> tuple[float, float]:
    context, section = opened(folder, scanner(CT))
    before = most = held_mib()
    until(lambda: is_shown(section))
    viewer = section.viewer
    assert viewer is not None
    for n in range(CT):
        viewer.go(n)
        until(lambda: is_shown(section))
        painted(viewer)
        most = max(most, held_mib())
    section.hide()
    section.deleteLater()
    context.close()
    return before, most


if __name__ == "__main__":
    print(*_scroll(Path(sys.argv[1]) / "blobs"))
