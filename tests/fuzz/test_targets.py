"""The fuzzer's targets under hypothesis: a little in each run of the tests; packaging/fuzz.sh has the rest."""

import ast
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import targets
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import Broken, one_input

LONG = bool(os.environ.get("WARDLAMP_LONG"))
MADE = list(seeds())
# libFuzzer's escapes are Python's, of which a literal reads them.
TOKENS = [ast.literal_eval("b" + w) for w in Path(__file__).with_name("hl7.dict").read_text().splitlines() if w]


@st.composite
def changed(draw):
    """A seed with a few places overwritten, cut out or doubled."""
    data = bytearray(draw(st.binary(min_size=2, max_size=2)) + draw(st.sampled_from(MADE)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(2, len(data)))
        upto = min(len(data), at + draw(st.integers(0, 12)))
        data[at:upto] = draw(st.one_of(st.binary(max_size=8), st.sampled_from(TOKENS), st.just(bytes(data[at:]))))
    return bytes(data[:8192])


@settings(max_examples=20000 if LONG else 400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(changed(), st.binary(max_size=200)))
def test_whatever_comes_has_an_outcome_and_loses_no_byte(data):
    one_input(data)


def test_every_seed_passes():
    for seed in MADE:
        one_input(b"\x07\xff" + seed)


@pytest.mark.parametrize("name", ["Deframer", "read_messages"])
def test_the_targets_notice_what_they_are_for(monkeypatch, name):
    """Sabotage: a framing that drops a byte, a reader that drops a message."""
    real = getattr(targets, name)
    if name == "Deframer":

        class Dropping(real):
            def feed(self, data):
                return super().feed(data[:-1] if data.endswith(b"Ann^^^Mrs||19500101|F\r") else data)

        monkeypatch.setattr(targets, name, Dropping)
    else:
        monkeypatch.setattr(targets, name, lambda file, data, *more: real(file, data[:300], *more))
    with pytest.raises(Broken):
        for seed in MADE:
            one_input(b"\x07\xff" + seed)
