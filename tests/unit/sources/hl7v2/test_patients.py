"""PID and its neighbours: who it is about, all numbers, and what changes or deletes (DESIGN D2, CLINICAL §1)."""

from __future__ import annotations

import msgspec
import pytest

from localdb.records.vocabulary import Contact, HumanName, Identifier
from localdb.sources.hl7v2.patients import BELOW_ADT
from localdb.sources.profiles import SourceProfile
from tests.unit.sources.hl7v2_help import PID, cleared, key, message, one, read, told, unit

NHS = "https://fhir.nhs.uk/id/nhs-number"


def pid(**fields: str) -> str:
    """A PID with these fields (`f3="…"`)."""
    values = [""] * 41
    for name, value in fields.items():
        values[int(name[1:])] = value
    return "PID" + "|".join(values).rstrip("|") if values[0] else "PID|" + "|".join(values[1:]).rstrip("|")


def key_of(profile: SourceProfile | None = None, **fields: str) -> str:
    (fact,) = [f for f in unit(message("ADT^A08", pid(**fields)), profile).facts if f.kind == "patient"]
    return fact.id


def test_what_a_pid_says() -> None:
    found = one(
        message(
            "ADT^A08",
            pid(
                f3="123456^^^HOSP^MR~9434765919^^^NHS^NH",
                f5="Fry^Stephen^John Paul^III^Mr^PhD^L~Liar^^^^^^A",
                f7="19570824",
                f8="M",
                f11="1 High Street^Flat 2^London^^N1 1AA^GBR^H",
                f13="020 7946 0000^PRN~^NET^Internet^s@example.org~020 1^WPN^FX",
                f15="cy^Welsh^ISO639",
                f18="ACC1",
                f19="555",
            ),
            "PD1|||The Surgery^^A1|G1^House^Gregory^^^Dr",
            "NK1|1|Laurie^Hugh^^^Mr|FTH^Father|^^Bristol|01 234|01 567",
        ),
        "patient",
    )
    assert found.id == found.patient == key("123456")
    assert found.source_id == "123456"
    assert found.names[0] == HumanName("Fry", ("Stephen", "John", "Paul"), ("Mr",), ("III", "PhD"), "official")
    assert found.names[1].family == "Liar"
    assert found.text == "Mr Stephen John Paul Fry III PhD"
    assert found.identifiers == (
        Identifier("HOSP", "123456", "MR"),
        Identifier(NHS, "9434765919", "NH"),
        Identifier("", "ACC1", "AN"),
        Identifier("", "555", "SS"),
    )
    assert (found.born.text, found.born.precision) == ("1957-08-24", "day")
    assert found.gender == "male"
    assert found.address == "1 High Street, Flat 2, London, N1 1AA, GBR"
    assert found.phones == ("020 7946 0000",)
    assert found.languages == ("Welsh",)
    assert found.practitioner == "Dr Gregory House, The Surgery"
    assert found.contacts == (Contact("Mr Hugh Laurie", "Father", ("01 234", "01 567")),)


@pytest.mark.parametrize(
    ("list_", "value", "assigner"),
    [
        ("1^^^A^SS~2^^^B^PI~3^^^C^MR", "3", "C"),
        ("1^^^A^PT~2^^^B^PI", "2", "B"),
        ("1^^^A^SS~2^^^B^XX", "1", "A"),
        ("1^^^&2.16.1&ISO^MR", "1", "2.16.1"),
        ("1^^^^MR", "1", "MR"),
        ("1", "1", ""),
        ("^^^A^MR~2^^^B^PI", "2", "B"),
    ],
)
def test_the_key_is_the_hospital_number_else_the_first(list_: str, value: str, assigner: str) -> None:
    assert key_of(f3=list_) == key(value, assigner)


def test_the_sites_authorities_go_before_the_defaults() -> None:
    profile = SourceProfile(authorities=("LAB", "PI"))
    assert key_of(profile, f3="1^^^HOSP^MR~2^^^LAB^XX") == key("2", "LAB")
    assert key_of(profile, f3="1^^^HOSP^MR~2^^^H2^PI") == key("2", "H2")


def test_older_senders_have_the_number_elsewhere() -> None:
    assert key_of(f2="7^^^A^MR", f4="8") == key("7", "A")
    assert key_of(f4="8") == key("8", "")


def test_without_any_number_a_person_has_to_look() -> None:
    found = unit(message("ADT^A08", pid(f5="Fry^Stephen", f18="ACC1", f19="555")))
    assert (found.verdict, found.code) == ("set_aside", "hl7.no_patient")
    assert "Fry" not in found.reason


@pytest.mark.parametrize(
    "sent",
    [
        "9434765919^^^NHS^NH",
        "9434765919^^^NHSNBR^NHSNMBR",
        "9434765919^^^X&2.16.840.1.113883.2.1.4.1&ISO",
        "9434765919^^^^NHS",
        "9434765919^^^SPINE",
    ],
)
def test_nhs_numbers_are_known_under_their_names(sent: str) -> None:
    profile = SourceProfile(nhs_authorities=("SPINE",))
    found = one(message("ADT^A08", pid(f3=f"1^^^HOSP^MR~{sent}")), "patient", profile)
    assert found.identifiers[1] == Identifier(NHS, "9434765919", "NH")


@pytest.mark.parametrize(
    ("sent", "verified"), [("01", True), ("NSTS01", True), ("NSTS07", False), ("AL", None), ("", None)]
)
def test_the_status_of_the_nhs_number_is_pid_32(sent: str, verified: bool | None) -> None:
    found = one(message("ADT^A08", pid(f3="1^^^HOSP^MR~9434765919^^^NHS^NH", f32=sent)), "patient")
    assert found.identifiers[1].verified is verified
    assert found.identifiers[1].status == (sent if verified is not None else "")
    assert found.identifiers[0].verified is None


def test_hospital_numbers_without_a_type_are_known_by_the_sites_word() -> None:
    found = one(message("ADT^A08", pid(f3="1^^^RXX")), "patient", SourceProfile(mrn_authorities=("RXX",)))
    assert found.identifiers == (Identifier("RXX", "1", "MR"),)
    assert one(message("ADT^A08", pid(f3="1^^^MRN")), "patient").identifiers[0].type == "MR"
    assert one(message("ADT^A08", pid(f3="1^^^RXX")), "patient").identifiers[0].type == ""


@pytest.mark.parametrize(
    ("sent", "text", "precision"),
    [
        ("19570824", "1957-08-24", "day"),
        ("195708", "1957-08", "month"),
        ("19570000", "1957", "year"),
        ("19570824000000", "1957-08-24", "day"),
        ("198808181126+0215", "1988-08-18", "day"),
        ("unknown", "unknown", "day"),
    ],
)
def test_a_birth_date_is_a_date(sent: str, text: str, precision: str) -> None:
    found = one(message("ADT^A08", pid(f3="1", f7=sent)), "patient")
    assert (found.born.text, found.born.precision) == (text, precision)
    assert found.born.has_time is False


@pytest.mark.parametrize(
    ("sent", "gender"),
    [
        ("M", "male"),
        ("f", "female"),
        ("U", "unknown"),
        ("O", "other"),
        ("A", "other"),
        ("1", "male"),
        ("2", "female"),
        ("9", "other"),
        ("Z", "Z"),
        ("", ""),
    ],
)
def test_sexes_as_hl7_and_the_nhs_write_them(sent: str, gender: str) -> None:
    assert one(message("ADT^A08", pid(f3="1", f8=sent)), "patient").gender == gender


@pytest.mark.parametrize(
    ("time", "said", "dead", "at"),
    [
        ("", "Y", True, None),
        ("20261120", "", True, "20261120"),
        ("20261120", "Y", True, "20261120"),
        ("", "", False, None),
        ("", "N", False, None),
        ("20261120", "N", False, None),
    ],
)
def test_a_death_is_what_was_said(time: str, said: str, dead: bool, at: str | None) -> None:
    found = unit(message("ADT^A08", pid(f3="1", f29=time, f30=said)))
    (patient,) = told(found, "patient")
    assert patient.is_deceased is dead
    assert (patient.deceased.text if patient.deceased else None) == at
    assert ("is_deceased" in cleared(found, "patient")) == (said == "N")
    if time and said == "N":
        assert "lives" in patient.comments[0]


def test_what_a_sender_deletes_is_cleared_and_silence_is_not() -> None:
    gone = unit(message("ADT^A08", pid(f3="1", f7='""', f8='""', f11='""', f13='""', f30='""'), 'PD1||||""'))
    assert set(cleared(gone, "patient")) == {
        "born",
        "gender",
        "address",
        "phones",
        "deceased",
        "is_deceased",
        "practitioner",
    }
    assert cleared(unit(message("ADT^A08", pid(f3="1"))), "patient") == ()


def test_protection_is_said_and_taken_back() -> None:
    assert one(message("ADT^A08", PID, "PD1||||||||||||Y"), "patient").restricted is True
    assert one(message("ADT^A08", PID, "ARV|1|A|DEM"), "patient").restricted is True
    freed = unit(message("ADT^A08", PID, "PD1||||||||||||N"))
    assert told(freed, "patient")[0].restricted is False and "restricted" in cleared(freed, "patient")
    assert "restricted" not in cleared(unit(message("ADT^A08", PID, "PD1|||")), "patient")


def test_only_adt_says_who_somebody_is() -> None:
    adt, oru = (unit(message(t, PID)) for t in ("ADT^A08", "ORU^R01"))
    (from_adt,), (from_oru,) = ([f for f in u.facts if f.kind == "patient"] for u in (adt, oru))
    assert from_adt.partial and from_oru.partial
    assert from_adt.id == from_oru.id
    assert from_oru.order == from_adt.order - BELOW_ADT
    deleting = unit(message("ORU^R01", PID + '|||""'))
    assert cleared(deleting, "patient") == ()


def test_two_patients_in_one_message_have_their_own_facts() -> None:
    data = message("ORU^R01", pid(f3="1^^^HOSP^MR", f5="Fry"), "PV1|1|I", pid(f3="2^^^HOSP^MR", f5="Laurie"))
    found = {p.patient: p.names[0].family for p in told(unit(data), "patient")}
    assert found == {key("1"): "Fry", key("2"): "Laurie"}


def test_an_identity_that_is_not_known_says_so() -> None:
    found = one(message("ADT^A01", pid(f3="1", f5="Unknown^Alpha", f31="Y", f32="AL")), "patient")
    assert len(found.comments) == 2
    known = unit(message("ADT^A08", pid(f3="1", f5="Fry", f31="N")))
    assert "comments" in cleared(known, "patient")


def test_the_cache_of_what_repeats_keeps_sources_and_profiles_apart() -> None:
    data = message("ORU^R01", pid(f3="1^^^A^PI~2^^^B^XX", f7="19570824"))
    by_default, by_site = (read(data, p).units[0].facts[0].id for p in (None, SourceProfile(authorities=("B",))))
    elsewhere = read(data, None, "lims").units[0].facts[0].id
    assert len({by_default, by_site, elsewhere}) == 3
    zoned = read(data, SourceProfile(zone="Asia/Tokyo")).units[0].facts[0]
    assert msgspec.json.decode(zoned.body)["born"]["zone"] == "Asia/Tokyo"
