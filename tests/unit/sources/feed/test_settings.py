"""What a site may say of its feeds, and what is refused with the field named."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from desktop.cli.site import read_site
from localdb.errors import WardlampError
from localdb.sources.feed.settings import check_site, read_feeding, read_feeds, read_profiles

EXAMPLE = """
zone = "Europe/London"
[sources.lims]
title = "Laboratory"
zone = "Europe/Paris"
[[feeds]]
name = "engine"
source = "lims"
kind = "mllp"
listen = "0.0.0.0:2575"
tls = "engine-tls"
client_certificates = true
senders = ["10.1.2.3", "10.2.0.0/16"]
[[feeds]]
name = "drop"
source = "pas"
kind = "folder"
folder = "/srv/drop"
after = "keep"
[feeding]
health = "127.0.0.1:0"
"""


def changed(**feed: Any) -> list[dict[str, Any]]:
    """A sound mllp feed but for what is given; None takes a field away."""
    whole = {"name": "engine", "source": "lims", "kind": "mllp", "listen": "127.0.0.1:2575", **feed}
    return [{k: v for k, v in whole.items() if v is not None}]


def folder(**feed: Any) -> list[dict[str, Any]]:
    return changed(kind="folder", listen=None, folder="/srv/drop", **feed)


def refused(feeds: list[Any]) -> str:
    with pytest.raises(WardlampError) as caught:
        read_feeds(feeds)
    assert caught.value.code == "settings.wrong_value"
    return caught.value.message


def test_an_example_is_taken_whole() -> None:
    site = read_site(EXAMPLE)
    engine, drop = read_feeds(site["feeds"])
    assert engine.address == ("0.0.0.0", 2575)
    assert (drop.folder, drop.after, drop.every) == ("/srv/drop", "keep", 2.0)
    profiles = read_profiles(site["sources"], site["zone"])
    assert profiles.get("lims").zone == "Europe/Paris"
    assert profiles.get("other").zone == "Europe/London"
    assert read_feeding(site["feeding"]).health_address == ("127.0.0.1", 0)


def test_a_source_without_a_zone_has_the_sites() -> None:
    assert read_profiles({"lims": {"title": "L"}}, "Europe/Dublin").get("lims").zone == "Europe/Dublin"


@pytest.mark.parametrize(
    ("feeds", "field"),
    [
        (changed(listen=None), "feeds.engine.listen"),
        (changed(listen="2575"), "feeds.engine.listen"),
        (changed(listen="localhost:2575"), "feeds.engine.listen"),
        (changed(listen="127.0.0.1:65536"), "feeds.engine.listen"),
        (changed(listen=2575), "feeds.engine.listen"),
        (changed(kind="mlp"), "feeds.engine.kind"),
        (changed(source=None), "feeds.engine"),
        (changed(source="../x"), "feeds.engine.source"),
        (changed(name="two words"), "feeds[0].name"),
        (changed(colour="red"), "feeds.engine.colour"),
        (changed(client_certificates=True), "feeds.engine.client_certificates"),
        (changed(senders=["10.1.2"]), "feeds.engine.senders"),
        (changed(folder="/srv/drop"), "feeds.engine.folder"),
        (folder(every=0), "feeds.engine.every"),
        (changed(kind="folder", listen=None, folder="drop"), "feeds.engine.folder"),
        (folder(tls="x"), "feeds.engine.listen"),
        (folder(mapping="x"), "feeds.engine.mapping"),
        (changed(kind="tables", listen=None, folder="/srv/drop"), "feeds.engine.mapping"),
        (["engine"], "feeds[0]"),
        (changed() + changed(), "feeds.engine.name"),
        (changed() + changed(name="other"), "feeds.other.listen"),
        (folder() + folder(name="other"), "feeds.other.folder"),
    ],
)
def test_a_wrong_field_is_named(feeds: list[Any], field: str) -> None:
    assert refused(feeds).startswith(f"The setting {field} cannot")


def test_two_feeds_may_take_free_ports() -> None:
    assert len(read_feeds(changed(listen="127.0.0.1:0") + changed(name="b", listen="127.0.0.1:0"))) == 2


@pytest.mark.parametrize(
    ("site", "field"),
    [
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"sources": {"lims": {"zone": "Nowhere"}}}, "sources.lims.zone"),
        ({"sources": {"lims": {"titel": "L"}}}, "sources.lims.titel"),
        ({"sources": {"lims": "L"}}, "sources.lims"),
        ({"sources": {"a/b": {}}}, "sources"),
        ({"feeding": {"health": "0.0.0.0:80"}}, "feeding.health"),
        ({"feeding": {"helth": ""}}, "feeding.helth"),
        ({"mappings": {}, "feeds": folder() + [
            {"name": "t", "source": "x", "kind": "tables", "folder": "/t", "mapping": "gone"}]}, "feeds.t.mapping"),
    ],
)  # fmt: skip
def test_other_parts_are_checked_too(site: dict[str, Any], field: str) -> None:
    with pytest.raises(WardlampError) as caught:
        check_site(site)
    assert caught.value.code == "settings.wrong_value"
    assert caught.value.message.startswith(f"The setting {field} cannot")


def test_a_mapping_of_columns_does_not_serve_printed_reports() -> None:
    mapping = tomllib.loads('kind = "patient"\n[patient]\nnumber = "MRN"\n')
    feeds = [{"name": "p", "source": "x", "kind": "pdf", "folder": "/p", "mapping": "m"}]
    with pytest.raises(WardlampError) as caught:
        check_site({"mappings": {"m": mapping}, "feeds": feeds})
    assert "feeds.p.mapping" in caught.value.message
    feeds[0]["kind"] = "tables"
    check_site({"mappings": {"m": mapping}, "feeds": feeds})


def test_health_can_be_off() -> None:
    assert read_feeding({"health": ""}).health_address is None


LISTENER = {"name": "in", "source": "pacs", "kind": "dicom-listen", "listen": "127.0.0.1:11112"}
QUERY = {"name": "ask", "source": "pacs", "kind": "dicom-query", "peer": "pacs:104", "called": "PACS", "by": "get"}
WEB = {"name": "web", "source": "pacs", "kind": "dicomweb", "url": "https://pacs/dicom-web"}
WORKLIST = {"name": "mwl", "source": "ris", "kind": "worklist", "peer": "[fe80::1]:104", "called": "MWL"}


def test_every_way_to_images_can_be_set_up() -> None:
    moved = {**QUERY, "name": "move", "by": "move", "into": "in", "wards": ["Ash"], "days": 90, "modalities": ["CT"]}
    feeds = read_feeds([LISTENER, QUERY, moved, WEB, WORKLIST])
    assert [f.kind for f in feeds] == ["dicom-listen", "dicom-query", "dicom-query", "dicomweb", "worklist"]
    assert [f.pause for f in feeds[1:]] == [300.0] * 4
    assert read_feeds([{**QUERY, "every": 30}])[0].pause == 30.0


@pytest.mark.parametrize(
    ("feeds", "field"),
    [
        ([{**LISTENER, "listen": ""}], "feeds.in.listen"),
        ([{**LISTENER, "listen": "pacs"}], "feeds.in.listen"),
        ([{**LISTENER, "title": "SEVENTEEN LETTERS"}], "feeds.in.title"),
        ([{**LISTENER, "callers": ["back\\slash"]}], "feeds.in.title"),
        ([{**LISTENER, "senders": ["10.1.2"]}], "feeds.in.senders"),
        ([{**LISTENER, "client_certificates": True}], "feeds.in.client_certificates"),
        ([{**LISTENER, "peer": "pacs:104"}], "feeds.in.peer"),
        ([LISTENER, {**LISTENER, "name": "other"}], "feeds.other.listen"),
        ([LISTENER, {"name": "x", "source": "s", "kind": "mllp", "listen": "127.0.0.1:11112"}], "feeds.x.listen"),
        ([{**QUERY, "peer": "pacs"}], "feeds.ask.peer"),
        ([{**QUERY, "peer": "pacs:0"}], "feeds.ask.peer"),
        ([{**QUERY, "peer": "a b:104"}], "feeds.ask.peer"),
        ([{**QUERY, "called": ""}], "feeds.ask.called"),
        ([{**QUERY, "by": "move"}], "feeds.ask.into"),
        ([{**QUERY, "by": "move", "into": "in"}], "feeds.ask.into"),
        ([LISTENER, {**QUERY, "source": "other", "by": "move", "into": "in"}], "feeds.ask.into"),
        ([LISTENER, {**QUERY, "into": "in"}], "feeds.ask.into"),
        ([{**QUERY, "patients": ["12*"]}], "feeds.ask.patients"),
        ([{**QUERY, "accessions": ["A\\B"]}], "feeds.ask.accessions"),
        ([{**QUERY, "modalities": ["ct"]}], "feeds.ask.modalities"),
        ([{**QUERY, "most": 0}], "feeds.ask.most"),
        ([{**QUERY, "days": -1}], "feeds.ask.days"),
        ([{**QUERY, "every": 1}], "feeds.ask.every"),
        ([{**QUERY, "url": "https://x"}], "feeds.ask.url"),
        ([{**WEB, "url": "pacs"}], "feeds.web.url"),
        ([{**WEB, "url": "https://user:word@pacs/x"}], "feeds.web.url"),
        ([{**WEB, "url": "https://pacs/x?y"}], "feeds.web.url"),
        ([{**WEB, "url": "http://pacs/x", "token_file": "/t"}], "feeds.web.url"),
        ([{**WEB, "login": "l", "token_file": "/t"}], "feeds.web.token_file"),
        ([{**WORKLIST, "into": "in"}], "feeds.mwl.into"),
        (changed(title="WARDLAMP"), "feeds.engine.title"),
        (folder(url="https://x"), "feeds.engine.url"),
    ],
)
def test_a_wrong_field_of_a_way_to_images_is_named(feeds: list[Any], field: str) -> None:
    assert refused(feeds).startswith(f"The setting {field} cannot")
