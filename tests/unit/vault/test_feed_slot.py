"""The feeding machine's own slot, and the certificates that are sealed for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from localdb.vault import secrets, staff
from localdb.vault.keys import Keys
from localdb.vault.recovery import is_feed_secret, make_feed_secret
from localdb.vault.unlocking import slot_list, staff_names, unlock
from tests.unit.vault.conftest import OTHER, SECRET
from tests.unit.vault.test_staff import refusal


def certificate(name: str = "engine", days: int = 30) -> secrets.Secret:
    """A self-signed certificate with its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days)).sign(key, SHA256())
    )  # fmt: skip
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secrets.Secret(certificate=made.public_bytes(Encoding.PEM), key=pem)


def test_the_feed_opens_with_its_secret_alone_and_acts_as_feed(folder: Path, keys: Keys) -> None:
    secret, change = staff.add_feed(folder, keys)
    assert (change.act, change.kind, change.role) == ("added", "feed", "feed")
    opened = unlock(folder, secret)
    assert (opened.staff, opened.role, opened.is_coordinator) == ("Feed", "feed", False)
    assert opened.intake_key() == keys.intake_key()
    assert opened.control_key() == keys.control_key() != keys.intake_key()


def test_a_feed_is_nobody_on_the_unlock_screen_and_holds_nobody_up(folder: Path, keys: Keys) -> None:
    before = staff_names(folder)
    staff.add_feed(folder, keys)
    assert staff_names(folder) == before
    assert unlock(folder, SECRET, "Tess Outsider").role == "coordinator"
    assert [s.kind for s in slot_list(folder)].count("feed") == 1


def test_a_new_secret_replaces_the_former_and_a_removed_slot_opens_nothing(folder: Path, keys: Keys) -> None:
    first, _ = staff.add_feed(folder, keys)
    second, _ = staff.add_feed(folder, keys)
    assert refusal(unlock, folder, first) == "vault.wrong_secret"
    assert unlock(folder, second).role == "feed"
    staff.remove_feed(folder, keys, "Feed")
    assert refusal(unlock, folder, second) == "vault.wrong_secret"
    assert refusal(staff.remove_feed, folder, keys, "Feed") == "vault.staff_unknown"


def test_a_feed_deals_no_slots_and_cannot_raise_itself(folder: Path, keys: Keys) -> None:
    secret, _ = staff.add_feed(folder, keys)
    opened = unlock(folder, secret)
    for call in (
        lambda: staff.add_feed(folder, opened, "Other"),
        lambda: staff.remove_feed(folder, opened, "Feed"),
        lambda: staff.add_staff(folder, opened, "X Person", b"12345678", "coordinator", kdf="floor"),
        lambda: staff.renew_recovery(folder, opened, kdf="floor"),
    ):
        assert refusal(call) == "vault.not_permitted"


def test_only_a_coordinator_adds_a_feed_and_never_under_a_persons_name(folder: Path, keys: Keys) -> None:
    assert refusal(staff.add_feed, folder, unlock(folder, OTHER, "Bo Clinician")) == "vault.not_permitted"
    assert refusal(staff.add_feed, folder, keys, "bo clinician") == "vault.staff_exists"
    assert refusal(staff.add_staff, folder, keys, "N", b"12345678", "feed", kdf="floor") == "vault.staff_invalid"


def test_feed_secrets_are_told_from_what_people_type() -> None:
    made = make_feed_secret()
    assert is_feed_secret(made) and made != make_feed_secret()
    for other in (SECRET, made[:-1], made + b"A", made.lower(), b"wardlamp-feed-", b""):
        assert not is_feed_secret(other)


def test_a_secret_goes_in_and_comes_out_and_is_nowhere_in_clear(folder: Path, keys: Keys) -> None:
    made = certificate()
    secrets.set_secret(folder, keys, "engine-tls", made)
    assert secrets.secret_of(folder, keys, "engine-tls") == made
    (note,) = secrets.secret_list(folder, keys)
    assert (note.name, note.has_key, note.has_authorities) == ("engine-tls", True, False)
    assert datetime.fromisoformat(note.valid_until) > datetime.now(UTC)
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"PRIVATE KEY" not in data and b"engine-tls" not in data
    secrets.remove_secret(folder, keys, "engine-tls")
    assert refusal(secrets.secret_of, folder, keys, "engine-tls") == "secret.unknown"


def test_a_key_of_another_certificate_is_refused(folder: Path, keys: Keys) -> None:
    one, other = certificate(), certificate()
    for wrong in (
        secrets.Secret(certificate=one.certificate, key=other.key),
        secrets.Secret(certificate=b"no pem", key=one.key),
        secrets.Secret(certificate=one.certificate),
        secrets.Secret(certificate=one.certificate, key=one.key, authorities=b"none"),
    ):
        assert refusal(secrets.set_secret, folder, keys, "x", wrong) == "secret.invalid"
    assert refusal(secrets.set_secret, folder, keys, "../x", one) == "secret.invalid"
    assert secrets.secret_list(folder, keys) == ()


def test_altered_secrets_are_damage(folder: Path, keys: Keys) -> None:
    secrets.set_secret(folder, keys, "x", certificate())
    path = folder / secrets.SECRETS_FILE
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert refusal(secrets.secret_list, folder, keys) == "vault.damaged"


@pytest.mark.parametrize("part", ["authorities"])
def test_authorities_alone_are_a_secret_too(folder: Path, keys: Keys, part: str) -> None:
    secrets.set_secret(folder, keys, "ca", secrets.Secret(**{part: certificate().certificate}))
    assert secrets.secret_list(folder, keys)[0].has_authorities


def test_the_feeds_own_secret_changes_no_certificate(folder: Path, keys: Keys) -> None:
    secrets.set_secret(folder, keys, "engine", certificate())
    secret, _ = staff.add_feed(folder, keys)
    feed = unlock(folder, secret)
    assert refusal(lambda: secrets.set_secret(folder, feed, "engine", certificate("other"))) == "vault.not_permitted"
    assert refusal(lambda: secrets.remove_secret(folder, feed, "engine")) == "vault.not_permitted"
    assert secrets.secret_of(folder, feed, "engine") == secrets.secret_of(folder, keys, "engine"), "it may use it"
