"""The npm FHIR router as a counterpart: a real, partial R4 server of another maker (STACK-counterparts "FHIR").

`packaging/setup.sh` installs its packages beside `node/package.json`; the recipe is `node/fhir_router.mjs`. It rolls
nothing back, keeps opaque versions and has no CapabilityStatement.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NODE = Path(__file__).parent / "node"


@contextmanager
def router() -> Iterator[str]:
    """Runs it while the block runs, on a free loopback port; yields the base URL. Fails where it is not installed."""
    binaries = sorted((NODE / "node_modules").glob("node-linux-*/bin/node"))  # the one of this machine's kind
    if not binaries:
        raise FileNotFoundError("the npm FHIR router is not installed: run packaging/check.sh")
    command = [str(binaries[0]), "fhir_router.mjs"]
    with subprocess.Popen(command, cwd=NODE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base = process.stdout.readline().strip()
            if not base.startswith("http://"):
                raise RuntimeError(f"the npm FHIR router did not start (exit {process.wait(10)})")
            yield base
        finally:
            process.kill()
