"""The help's example of [scanning] is one that a site can take as it stands."""

from __future__ import annotations

import textwrap
import tomllib

from desktop.help.content import pages
from localdb.chart.scan_patterns import read_scanning
from localdb.chart.scanning import Band, read_scan


def test_the_example_of_the_help_is_taken_and_reads_its_band() -> None:
    text = pages()["Scanning and display"]
    lines = text.splitlines()
    start = lines.index("    [scanning]")
    block = []
    for line in lines[start:]:
        if line and not line.startswith("    "):
            break
        block.append(line)
    site = read_scanning(tomllib.loads(textwrap.dedent("\n".join(block)))["scanning"])
    found = read_scan(site.patterns[0].example, site)
    assert isinstance(found, Band)
    assert (found.nhs, found.mrn, found.family, found.born) == ("9990000018", "H0000001", "TEST", "1951-03-14")
