"""Certificates made for a test: an authority, and servers that it vouches for."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)

#: (attribute, value), in order.
Subject = list[tuple[x509.ObjectIdentifier, str]]

SUBJECT: Subject = [
    (NameOID.COUNTRY_NAME, "XX"),
    (NameOID.ORGANIZATION_NAME, r"Ex\ample, Ltd"),
    (NameOID.COMMON_NAME, "host"),
]
SUBJECT_TEXT = r"C=XX,O=Ex\\ample\, Ltd,CN=host"


@dataclass(frozen=True)
class Files:
    certificate: Path
    key: Path


def name_of(subject: Subject) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in subject])


class Authority:
    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = name_of([(NameOID.COMMON_NAME, name)])
        builder = _builder(self._name, self._name, self._key, NOW + DAY)
        certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(certificate.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def vouch(
        self,
        subject: Subject | x509.Name,
        hosts: tuple[str, ...] = (),
        until: datetime.datetime = NOW + DAY,
        name: str = "server",
    ) -> Files:
        """A server's certificate and key, for those names and IP addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(subject if isinstance(subject, x509.Name) else name_of(subject), self._name, key, until)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), False)
        files = Files(self._folder / f"{name}.pem", self._folder / f"{name}-key.pem")
        certificate = builder.sign(self._key, hashes.SHA256())
        files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return files


def der(files: Files) -> bytes:
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    return certificate.public_bytes(serialization.Encoding.DER)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 2 * DAY)
        .not_valid_after(until)
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
