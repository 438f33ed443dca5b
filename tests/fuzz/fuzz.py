"""Coverage-guided fuzzing of the framing, the acknowledgements and the HL7 v2 reader (atheris over libFuzzer).

Run it by `sh packaging/fuzz.sh [INPUTS]`; arguments are libFuzzer's. What breaks a promise is written to crash-*.
"""

import os
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

with atheris.instrument_imports(include=["localdb.sources.hl7v2", "localdb.sources.mllp"]):
    from targets import framing, one_input

if __name__ == "__main__":
    only_framing = os.environ.get("WARDLAMP_FUZZ_ONLY") == "framing"
    atheris.Setup(sys.argv, framing if only_framing else one_input)
    atheris.Fuzz()
