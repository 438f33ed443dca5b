"""One engine, one port, several systems: each message speaks for the system that its header names."""

from __future__ import annotations

from pathlib import Path

import pytest

from localdb.errors import WardlampError
from localdb.house import open_house
from localdb.sources.feed.settings import check_site, read_feeds
from tests.flows.feeding import story
from tests.flows.feeding.serving import Service
from tests.flows.feeding.test_beside_the_feed import chart, send, until_cut
from tests.made import SECRET

SYSTEMS = {"PAS": "pas", "lims|north": "lims-north", "LIMS": "lims"}


def test_each_system_behind_an_engine_has_its_own_clock_and_list(tmp_path: Path) -> None:
    service = Service(tmp_path, source="engine", systems=SYSTEMS).start()
    try:
        t, seen = story.Teller(), len(service.log)
        nobody = t.adt("A01").replace(t.pid().split("|")[3].encode(), b"")
        stranger = t.adt("A08").replace(b"|PAS|", b"|ROBOT|")
        result = t.result("P1", "F1", story.UE, (story.potassium("6.1", "F", "H"),))
        assert send(service, t.adt("A01"), result, nobody, stranger) == ["AA", "AA", "AR", "AA"]
        until_cut(service, seen)
        said = chart(service, t.mrn)
        assert {r["source"] for r in said["results"]["items"]} == {"lims-north"}, "MSH-3|MSH-4 counts before MSH-3"
        assert "pas" in {s["source"] for s in said["stays"]["items"]}
        house = open_house(service.vault, SECRET)
        try:
            ages = {a.source: a for a in house.ages()}
            assert set(ages) == {"pas", "lims-north", "engine"}, "what no line names speaks for the feed's own source"
            assert all(a.last_message is not None and a.heartbeat is not None for a in ages.values())
            assert house.aside_counts()[0] == {("pas", "hl7.no_patient"): 1}
        finally:
            house.close()
    finally:
        service.stop()


@pytest.mark.parametrize(
    ("systems", "field"),
    [
        ({"": "lims"}, "systems"),
        ({"LIMS|": "lims"}, "systems"),
        ({"LIMS|A|B": "lims"}, "systems"),
        ({"LIMS": "lims", "lims": "other"}, "systems"),
        ({"LIMS": "a name with blanks"}, "systems.LIMS"),
    ],
)
def test_a_line_that_names_no_system_is_refused_with_its_field(systems: dict[str, str], field: str) -> None:
    feed = {"name": "engine", "source": "engine", "kind": "mllp", "listen": "127.0.0.1:2575", "systems": systems}
    with pytest.raises(WardlampError) as caught:
        check_site({"feeds": [feed]})
    assert caught.value.code == "settings.wrong_value"
    assert f"feeds.engine.{field}" in caught.value.message


def test_case_does_not_count_and_the_longer_line_does() -> None:
    (feed,) = read_feeds([{"name": "e", "source": "e", "kind": "mllp", "listen": "127.0.0.1:1", "systems": SYSTEMS}])
    assert feed.source_of("LIMS", "North") == "lims-north"
    assert feed.source_of("Lims", "South") == "lims"
    assert feed.source_of("pas", "") == "pas"
    assert feed.source_of("ROBOT", "NORTH") == feed.source_of("", "") == "e"
