#!/bin/sh
# Coverage-guided fuzzing of the HL7 v2 reader and the MLLP framing.
#
#   sh packaging/fuzz.sh [INPUTS] [LIBFUZZER ARGUMENT…]
#
# INPUTS (1,000,000) go through tests/fuzz/targets.py: a crash, a lost byte, an input slower than a second ends it with
# status 77 and leaves the input as .cache/crash-*. What reached new code is kept in .cache/fuzz, and is where the next run goes
# on. WARDLAMP_DATA adds its messages as seeds; WARDLAMP_FUZZ_ONLY=framing leaves the reader out, which is much faster.
set -eu
cd "$(dirname "$0")/.."
. packaging/setup.sh
need_environment
inputs="${1:-1000000}"
[ $# -eq 0 ] || shift
.venv/bin/python -c 'import atheris' 2>/dev/null ||
    .venv/bin/python -m pip install -qq --disable-pip-version-check 'atheris>=3' >&2 ||
    stop "The fuzzer (atheris) could not be installed: is the network up?"
found="${WARDLAMP_FUZZ:-.cache/fuzz}"
mkdir -p "$found"
.venv/bin/python tests/fuzz/seeds.py "$found"
exec nice -n 19 .venv/bin/python tests/fuzz/fuzz.py "$found" -runs="$inputs" -max_len=1500 -timeout=60 -rss_limit_mb=1500 \
    -dict=tests/fuzz/hl7.dict -artifact_prefix=.cache/ -print_final_stats=1 "$@"
