"""The App's key pair, made once per data directory as GitHub would when a private key is generated."""

from __future__ import annotations

from pathlib import Path


def key_pair(data: Path) -> tuple[str, str]:
    """(private PEM, public PEM); the private one is also ``DATA/app-private-key.pem``, mode 0600."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    path = data / "app-private-key.pem"
    if not path.exists():
        fresh = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        path.touch(mode=0o600)
        path.write_bytes(
            fresh.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
            )
        )
    private = path.read_bytes()
    key = serialization.load_pem_private_key(private, password=None)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
