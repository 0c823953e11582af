"""Which clone addresses the API may name (promises 1.11)."""

from __future__ import annotations

import pytest

from ghapp.clients.github.origin import clone_url_belongs

PUBLIC = "https://api.github.com"


@pytest.mark.parametrize(
    ("clone", "api", "belongs"),
    [
        ("https://github.com/o/r.git", PUBLIC, True),
        ("https://github.com:443/o/r.git", PUBLIC, True),
        ("https://api.github.com/o/r.git", PUBLIC, False),
        ("https://github.com.evil.example/o/r.git", PUBLIC, False),
        ("https://evil.example/o/r.git", PUBLIC, False),
        ("https://x:y@github.com/o/r.git", PUBLIC, False),
        ("https://github.com@evil.example/o/r.git", PUBLIC, False),
        ("https://github.com:8443/o/r.git", PUBLIC, False),
        ("http://github.com/o/r.git", PUBLIC, False),
        ("ssh://git@github.com/o/r.git", PUBLIC, False),
        ("git@github.com:o/r.git", PUBLIC, False),
        ("file:///etc", PUBLIC, False),
        ("ext::sh -c x", PUBLIC, False),
        ("https://github.com/../x", PUBLIC, False),
        ("https://github.com/o/r.git?x", PUBLIC, False),
        ("https://github.com/o\\r", PUBLIC, False),
        ("https://github.com:x/o", PUBLIC, False),
        ("", PUBLIC, False),
        ("https://ghe.example/o/r.git", "https://ghe.example/api/v3", True),
        ("https://ghe.example:444/o/r.git", "https://ghe.example/api/v3", False),
        ("http://127.0.0.1:8801/o/r.git", "http://127.0.0.1:8801/api/v3", True),
        ("http://localhost:8801/o/r.git", "http://localhost:8801", True),
        ("http://127.0.0.1:8802/o/r.git", "http://127.0.0.1:8801", False),
        ("http://ghe.example/o/r.git", "http://ghe.example/api/v3", False),
        ("http://[::1]:8801/o/r.git", "http://[::1]:8801", True),
    ],
)
def test_a_clone_address_belongs_to_the_api_or_is_refused(clone: str, api: str, belongs: bool) -> None:
    assert clone_url_belongs(clone, api) is belongs
