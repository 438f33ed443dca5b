"""What the tests of the demonstration ask for: what each source sent, the index, and who lies where."""

from __future__ import annotations

import pytest

from tests.unit.demo.reading import DEMO, SOURCES, Resource, Sent, bare, of, resources_of


@pytest.fixture(scope="session")
def sent() -> Sent:
    """Source → every resource that it sent, the index of 50,000 left out, in the order of the files."""
    return {
        source: [
            one
            for path in sorted((DEMO / source).iterdir())
            if not path.name.startswith("index-")
            for one in resources_of(path)
        ]
        for source in SOURCES
    }


@pytest.fixture(scope="session")
def index() -> list[Resource]:
    return resources_of(DEMO / "pas" / "index-50000.ndjson.gz")


@pytest.fixture(scope="session")
def beds(sent: Sent) -> dict[str, Resource]:
    """Bed of Ash Ward → the Patient in it, by the active location of the Encounters in progress."""
    places = {r["id"]: r for r in sent["pas"] if r["resourceType"] == "Location"}
    people = {r["id"]: r for r in sent["pas"] if r["resourceType"] == "Patient"}
    found: dict[str, Resource] = {}
    for stay in of(sent["pas"], "Encounter"):
        for place in stay["location"]:
            bed = places[bare(place["location"])]
            if stay["status"] == "in-progress" and place["status"] == "active" and bed["id"].startswith("ash-"):
                assert bed["name"] not in found, "two patients in one bed"
                found[bed["name"]] = people[bare(stay["subject"])]
    return found
