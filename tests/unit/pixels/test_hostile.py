"""Whatever a header says, an image that was decoded is shown or refused in words: no exception, no blank screen, bounded
memory. The facts here are those that a hostile or broken sender could make."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from localdb.pixels import measure, sides
from localdb.pixels.display import Pipeline, Voi
from localdb.pixels.facts import Facts, Frame, Overlay, Region, Shutter, Table, Window
from localdb.pixels.geometry import Placed, View, aspect_of, edges_of
from localdb.pixels.planes import overlay_of, visible_mask
from localdb.pixels.sampling import Grid
from localdb.pixels.stack import Plane, linked, numbers_missing, stacks
from tests.conftest import LONG

words = st.sampled_from(
    (
        "",
        "0",
        "1",
        "-1",
        "0.5",
        "1e308",
        "-1e308",
        "1e-300",
        "nan",
        "inf",
        "x",
        " 2 ",
        "1\\2",
        "40",
        "400",
        "1024",
        "9" * 20,
    )
)
some = st.lists(words, max_size=6).map(tuple)
whole = st.integers(-(2**31), 2**31)
near = st.integers(-70, 140)
tables = st.builds(Table, first=whole, bits=st.sampled_from((1, 8, 12, 16)), data=st.binary(max_size=9))
windows = st.builds(
    Window, center=words, width=words, function=st.sampled_from(("LINEAR", "LINEAR_EXACT", "SIGMOID", "?"))
)
frames = st.builds(
    Frame, position=some, orientation=some, spacing=some, slope=words, intercept=words, rescale=words,
    windows=st.lists(windows, max_size=2).map(tuple),
)  # fmt: skip
overlays = st.builds(
    Overlay, rows=near, columns=near, row=near, column=near, bits=st.binary(max_size=90), frames=near, first_frame=near
)
shutters = st.builds(
    Shutter,
    shape=st.sampled_from(("RECTANGULAR", "CIRCULAR", "POLYGONAL", "?")),
    values=st.lists(near, max_size=9).map(tuple),
)
regions = st.builds(
    Region, near, near, near, near, spatial=near, unit_x=st.integers(0, 9), unit_y=st.integers(0, 9), delta_x=words,
    delta_y=words,
)  # fmt: skip
# An image is large: shrinking one takes minutes and says little more.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
TYPES = ("u1", "i1", "<u2", "<i2", "<u4", "<i4", "<f4", "<f8")


@st.composite
def images(draw: st.DrawFn) -> tuple[Facts, np.ndarray]:
    rows, columns, samples = draw(st.integers(1, 40)), draw(st.integers(1, 40)), draw(st.sampled_from((1, 1, 3)))
    shape = (rows, columns) if samples == 1 else (rows, columns, 3)
    dtype = np.dtype(draw(st.sampled_from(TYPES)))
    raw = np.random.default_rng(draw(st.integers(0, 99))).bytes(int(np.prod(shape)) * dtype.itemsize)
    frame = np.frombuffer(raw, dtype).reshape(shape)
    facts = draw(
        st.builds(
            Facts, rows=st.just(rows), columns=st.just(columns), samples=st.just(samples),
            photometric=st.sampled_from(("MONOCHROME1", "MONOCHROME2", "RGB", "PALETTE COLOR", "?")),
            bits=st.sampled_from((0, 1, 8, 12, 16, 32)), padding=st.lists(whole, max_size=2).map(tuple), common=frames,
            frames=st.lists(frames, max_size=2).map(tuple), modality=st.sampled_from(("CT", "NM", "US", "DX", "")),
            modality_table=st.none() | tables, voi_tables=st.lists(tables, max_size=2).map(tuple),
            palette=st.lists(tables, max_size=3).map(tuple), inverse=st.booleans(), imager_spacing=some,
            magnification=words, calibration=words, aspect=some, patient_orientation=some,
            overlays=st.lists(overlays, max_size=2).map(tuple),
            shutters=st.lists(shutters, max_size=2).map(tuple), regions=st.lists(regions, max_size=2).map(tuple),
        )
    )  # fmt: skip
    return facts, frame


@given(images(), st.data())
@settings(max_examples=3000 if LONG else 15, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
def test_any_facts_can_be_shown(image: tuple[Facts, np.ndarray], data: st.DataObject) -> None:
    facts, frame = image
    n = data.draw(st.integers(0, 3))
    pipeline = Pipeline(facts, n)
    view = View(
        data.draw(st.sampled_from((0, 90, 180, 270))),
        data.draw(st.booleans()),
        zoom=data.draw(st.sampled_from((0, 0.1, 3.0))),
    )
    placed = Placed(
        facts.rows,
        facts.columns,
        data.draw(st.integers(1, 90)),
        data.draw(st.integers(1, 90)),
        view,
        aspect_of(facts, n),
    )
    grid = placed.sampling()
    for voi in (
        *pipeline.sent(),
        pipeline.initial(frame),
        pipeline.auto(frame),
        pipeline.full(frame),
        Voi(0, 1, "TABLE", "", 7),
    ):
        if grid is not None:
            made = pipeline.render(
                frame, voi, Grid(*grid), smooth=data.draw(st.booleans()), invert=data.draw(st.booleans())
            )
            assert made.dtype == np.uint8 and made.shape[:2] == (grid[5], grid[4])
    assert pipeline.value_at(frame, 0, 0) is not None
    assert edges_of(facts, n).note or edges_of(facts, n).right
    for found in (overlay_of(facts, n), visible_mask(facts), pipeline.hidden(frame)):
        assert found is None or found.shape == (facts.rows, facts.columns)
    assert visible_mask(facts).any(), "a shutter that leaves nothing is not applied"
    a, b = (data.draw(st.tuples(st.floats(-50, 90), st.floats(-50, 90))) for _ in range(2))
    assert measure.length(facts, a, b, n).text and measure.region_values(pipeline, frame, a, b, n=n).text
    assert measure.angle(facts, a, b, (1, 2), n).text


planes = st.builds(
    Plane, uid=st.sampled_from("abcdef"), frame=st.integers(0, 3), number=st.none() | st.integers(-9, 99),
    position=some | st.tuples(words, words, words), orientation=some | st.just(("1", "0", "0", "0", "1", "0")),
    frame_of_reference=st.sampled_from(("", "1")), label=words,
)  # fmt: skip


@given(st.lists(planes, max_size=14))
@settings(max_examples=3000 if LONG else 25, deadline=None)
def test_any_planes_are_each_in_one_stack(given_planes: list[Plane]) -> None:
    made = stacks(given_planes)
    found = sorted((p.uid, p.frame) for s in made for p in s.planes)
    assert found == sorted({(p.uid, p.frame) for p in given_planes})
    assert numbers_missing(given_planes) >= 0
    for one in made:
        assert all(isinstance(one.location(n), str) for n in range(len(one.planes)))
        for other in made:
            link = linked(one, 0, other)
            assert link is None or 0 <= link.index < len(other.planes)


@given(st.lists(st.text(max_size=20), max_size=3), st.lists(st.text(max_size=30), max_size=3))
@settings(max_examples=40)
def test_any_words_make_a_sentence_or_none(tags: list[str], names: list[str]) -> None:
    assert isinstance(sides.side_warning(tags, names), str)
