"""Pages as pictures from memory, and packs as single sheets."""

from __future__ import annotations

import pytest

from desktop.forms import catalogue
from desktop.printing import preview
from tests.unit.forms import checks, paper


def test_a_page_as_rgba_in_the_size_that_was_asked() -> None:
    pdf = catalogue.render("F01", paper.model("F01"))
    image = preview.page_image(pdf, 0, 72)
    assert (image.width, image.height) == (842, 596)
    assert len(image.rgba) == image.width * image.height * 4
    assert set(image.rgba[3::4]) == {255}
    assert min(image.rgba[0::4]) < 40 < max(image.rgba[0::4]) == 255
    with pytest.raises(IndexError):
        preview.page_image(pdf, 5)


def test_a_pack_falls_into_its_sheets_each_with_its_own_serial() -> None:
    jobs = [("F02", paper.filled("F02", n=n)) for n in (1, 2)] + [("F18", paper.model("F18", n=3))]
    pack = catalogue.render_pack(jobs)
    parts = preview.split(pack.pdf, pack.pages)
    assert sum(pack.pages) == preview.page_count(pack.pdf)
    for (_, model), part, pages in zip(jobs, parts, pack.pages, strict=True):
        texts = checks.page_texts(part)
        assert len(texts) == pages
        assert all(model.serial in t for t in texts)
        assert not any(other.serial in t for _, other in jobs if other is not model for t in texts)
