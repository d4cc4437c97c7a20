"""A certificate's subject as SPICE writes it: ``C=XX,O=Example\\, Ltd,CN=host`` (facts: SPICE 1.10, MIGRATE_BEGIN).

The parts stand in the certificate's own order. In a text, a comma and a backslash that belong to a part have a
backslash before them, and spaces before a part's name do not count. Two values are the same if they differ only in
case (of ASCII letters) and in spaces, as in X.500 names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID
from cryptography.x509.oid import ObjectIdentifier as Oid

#: The names that OpenSSL knows an attribute by, short first.
_NAMES: dict[Oid, tuple[str, ...]] = {
    NameOID.COMMON_NAME: ("CN", "commonName"),
    NameOID.COUNTRY_NAME: ("C", "countryName"),
    NameOID.STATE_OR_PROVINCE_NAME: ("ST", "stateOrProvinceName"),
    NameOID.LOCALITY_NAME: ("L", "localityName"),
    NameOID.ORGANIZATION_NAME: ("O", "organizationName"),
    NameOID.ORGANIZATIONAL_UNIT_NAME: ("OU", "organizationalUnitName"),
    NameOID.EMAIL_ADDRESS: ("emailAddress",),
    NameOID.DOMAIN_COMPONENT: ("DC", "domainComponent"),
    NameOID.USER_ID: ("UID", "userId"),
    NameOID.SERIAL_NUMBER: ("serialNumber",),
    NameOID.SURNAME: ("SN", "surname"),
    NameOID.GIVEN_NAME: ("GN", "givenName"),
    NameOID.TITLE: ("title",),
    NameOID.STREET_ADDRESS: ("street", "streetAddress"),
    NameOID.POSTAL_CODE: ("postalCode",),
}
_SPACES = re.compile(r"[ \t\n\v\f\r]+")
_BY_NAME = {name: oid for oid, names in _NAMES.items() for name in names}


@dataclass(frozen=True)
class Part:
    """One part of a subject. ``kind`` is an object identifier with dots."""

    kind: str
    value: str


def has_subject(certificate: bytes, subject: str) -> bool:
    """Whether the certificate (DER) has that subject; False also for what is no certificate, or no subject."""
    try:
        found, expected = parts_of(certificate), parse(subject)
    except ValueError:
        return False
    return [_canonical(part) for part in found] == [_canonical(part) for part in expected]


def subject_of(certificate: bytes) -> str:
    """The subject of a certificate (DER) as SPICE writes it; what is no certificate has an empty one."""
    try:
        parts = parts_of(certificate)
    except ValueError:
        return ""
    names = {oid.dotted_string: names[0] for oid, names in _NAMES.items()}
    return ",".join(f"{names.get(part.kind, part.kind)}={_escaped(part.value)}" for part in parts)


def parts_of(certificate: bytes) -> list[Part]:
    """The parts of a certificate's (DER) subject. Raises ValueError: it is none, or a part of it has several values,
    which the text cannot say.
    """
    try:
        subject = x509.load_der_x509_certificate(certificate).subject
    except x509.InvalidVersion as error:
        raise ValueError(str(error)) from error
    parts = []
    for rdn in subject.rdns:
        attributes = list(rdn)
        if len(attributes) != 1:
            raise ValueError(f"a part of the subject has {len(attributes)} values, expected 1")
        value = attributes[0].value
        parts.append(Part(attributes[0].oid.dotted_string, value if isinstance(value, str) else value.hex()))
    return parts


def parse(subject: str) -> list[Part]:
    """The parts that a text names. Raises ValueError."""
    parts = []
    for written in _split(subject):
        name, equals, value = written.lstrip(" ").partition("=")
        if not equals or not value:
            raise ValueError(f"subject {subject!r}: {written!r} is not NAME=VALUE")
        parts.append(Part(_kind(name, subject), value))
    return parts


def _split(subject: str) -> list[str]:
    """At the commas without a backslash, with what had one as itself. Nothing but spaces may follow the last comma."""
    pieces, piece = [], ""
    characters = iter(subject)
    for character in characters:
        if character == ",":
            pieces.append(piece)
            piece = ""
        elif character == "\\":
            escaped = next(characters, "")
            if escaped not in ("\\", ","):
                raise ValueError(f"subject {subject!r}: after a backslash, expected a comma or a backslash")
            piece += escaped
        else:
            piece += character
    return [*pieces, piece] if piece.strip(" ") else pieces


def _kind(name: str, subject: str) -> str:
    if name in _BY_NAME:
        return _BY_NAME[name].dotted_string
    if name and all(number.isdecimal() for number in name.split(".")):
        return name
    raise ValueError(f"subject {subject!r}: {name!r} is not the name of a part")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,")


def _canonical(part: Part) -> tuple[str, str]:
    folded = "".join(each.lower() if each.isascii() else each for each in part.value)
    return part.kind, _SPACES.sub(" ", folded).strip(" ")
