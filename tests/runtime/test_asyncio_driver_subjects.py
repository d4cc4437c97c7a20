"""Certificate subjects as SPICE writes them: order, escapes, and what counts as the same."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from certificates import SUBJECT, SUBJECT_TEXT, Authority, der, name_of
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from switchover.runtime.certificate_subject import has_subject, parse, subject_of

KINDS = [
    NameOID.COUNTRY_NAME,
    NameOID.STATE_OR_PROVINCE_NAME,
    NameOID.LOCALITY_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.COMMON_NAME,
    NameOID.EMAIL_ADDRESS,
    NameOID.DOMAIN_COMPONENT,
    x509.ObjectIdentifier("1.2.3.4"),
]
KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return der(Authority(tmp_path_factory.mktemp("subjects")).vouch(SUBJECT))


@pytest.mark.parametrize(
    "text",
    [
        SUBJECT_TEXT,
        r"countryName=XX, organizationName=Ex\\ample\, Ltd,  2.5.4.3=host",
        r"C=xx,O=EX\\AMPLE\,   ltd ,CN= Host",
        SUBJECT_TEXT + ",",
        SUBJECT_TEXT + ", ",
    ],
)
def test_the_same_subject(certificate: bytes, text: str) -> None:
    assert has_subject(certificate, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CN=host",
        r"CN=host,O=Ex\\ample\, Ltd,C=XX",
        r"O=Ex\\ample\, Ltd,C=XX,CN=host",
        SUBJECT_TEXT + ",CN=host",
        SUBJECT_TEXT + "x",
        SUBJECT_TEXT.replace(",CN", ",OU"),
        r"C=XX,O=Example\, Ltd,CN=host",
        r"C=XX,O=Ex\\ample,Ltd,CN=host",
        r"C=XX,,O=Ex\\ample\, Ltd,CN=host",
        r"C=XX,O=Ex\\ample\, Ltd,CN=",
        r"C=XX,O=Ex\\ample\, Ltd,CN\=host",
        "C=XX,O=Ex\\\\ample\\, Ltd,CN=host\\",
        r"C=XX,O=Ex\\ample\, Ltd,common=host",
        r"C=XX,O=Ex\\ample\, Ltd,=host",
        r"C=XX,O=Ex\\ample\, Ltd,CN=ħost",
    ],
)
def test_another_subject_or_none(certificate: bytes, text: str) -> None:
    assert not has_subject(certificate, text)


def test_shown_as_it_is_written(certificate: bytes) -> None:
    assert subject_of(certificate) == SUBJECT_TEXT


def test_several_values_in_one_part_have_no_text(tmp_path: Path) -> None:
    part = x509.RelativeDistinguishedName(list(name_of(SUBJECT)))
    files = Authority(tmp_path).vouch(x509.Name([part]))
    assert subject_of(der(files)) == ""
    assert not has_subject(der(files), SUBJECT_TEXT)


@given(st.binary(max_size=200))
def test_what_is_no_certificate_has_no_subject(data: bytes) -> None:
    assert subject_of(data) == ""
    assert not has_subject(data, SUBJECT_TEXT)


values = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" ,\\="), min_size=1)


@given(st.lists(st.tuples(st.sampled_from(KINDS[3:]), values), min_size=1, max_size=6))
def test_what_is_shown_is_what_is_meant(parts: list[tuple[x509.ObjectIdentifier, str]]) -> None:
    text = ",".join(oid.dotted_string + "=" + value.replace("\\", "\\\\").replace(",", "\\,") for oid, value in parts)
    assert [(part.kind, part.value) for part in parse(text)] == [(oid.dotted_string, value) for oid, value in parts]


@given(st.text(max_size=50))
def test_any_text_is_a_subject_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        parse(text)
