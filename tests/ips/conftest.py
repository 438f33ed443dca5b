"""The definitions, and the published examples of IPS 2.0.0."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ips.definitions import Definitions, definitions

BUNDLE = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"


def read(data: str | bytes) -> Any:
    """JSON with its numbers to the letter."""
    return json.loads(data, parse_float=Decimal)


@pytest.fixture(scope="session")
def held() -> Definitions:
    return definitions()


@pytest.fixture(scope="session")
def examples(data_dir: Path) -> dict[str, Any]:
    """Published example -> resource."""
    return {p.stem: read(p.read_text(encoding="utf-8")) for p in sorted((data_dir / "fhir" / "ips").glob("*.json"))}
