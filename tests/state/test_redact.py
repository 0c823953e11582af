import base64
import time
from urllib.parse import quote

import pytest

from state.redact import Redactor

SECRET = "s3cr3t/Value+with=signs&more"
TOKEN = "ghs_" + "1234567_eyJhbGciOiJSUzI1NiJ9.payload-part_" + "x" * 40


@pytest.fixture
def redactor():
    return Redactor({"webhook": SECRET})


FORMS = {
    "raw": SECRET,
    "reversed": SECRET[::-1],
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "url": quote(SECRET, safe=""),
    **{f"base64 at {n}": base64.b64encode(b"p" * n + SECRET.encode() + b"tail").decode() for n in range(6)},
    **{f"urlsafe at {n}": base64.urlsafe_b64encode(b"p" * n + SECRET.encode() + b"t").decode() for n in range(3)},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_live_secret_is_found_in_every_encoding(redactor, form):
    found = redactor.redact(f"before {form} after")
    assert found.count == 1
    assert "[redacted:webhook]" in found.text
    assert found.text.startswith("before ")
    assert found.text.endswith(" after")


SHAPES = {
    "github-token": [TOKEN, "ghp_" + "a" * 36, "github_pat_" + "A1" * 20],
    "anthropic-key": ["sk-ant-api03-" + "Ab_-" * 10],
    "google-key": ["AIza" + "b" * 35],
    "telegram-token": ["123456789:AA" + "h" * 33],
    "pem": [
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\ncut",
    ],
    "aws-key": ["AKIA" + "A1" * 8],
    "url-password": ["https://x-access-token:hunter2@github.com/a/b"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SHAPES.items() for text in texts])
def test_well_known_shapes_are_found_without_being_known(name, text):
    found = Redactor().redact(f"x {text} y")
    assert found.count == 1
    assert f"[redacted:{name}]" in found.text


@pytest.mark.parametrize(
    "text",
    [
        "ghs_short",
        "a commit 0123456789abcdef0123456789abcdef01234567",
        "https://github.com/octo/shop@v2",
        "see user@example.org and http://127.0.0.1:8080/x",
        "sk-antelope AIzabc eyJ",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_harmless_text_is_left_alone(text):
    assert Redactor({"short": "abc"}).redact(text).text == text


def test_every_line_of_a_key_is_a_secret():
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7777\nZZZZowIBAAKCAQEA8888\n-----END RSA PRIVATE KEY-----"
    found = Redactor({"key": pem}).redact("line ZZZZowIBAAKCAQEA8888 only")
    assert found.text == "line [redacted:key] only"


def test_short_lived_tokens_widen_a_copy(redactor):
    wider = redactor.with_secrets({"push": "short-lived-value"})
    assert wider.redact(f"short-lived-value {SECRET}").count == 2
    assert redactor.redact("short-lived-value").count == 0
    assert "short-lived-value" not in repr(wider)


def test_a_megabyte_is_redacted_quickly(redactor):
    text = ("a line of ordinary test output with https://example.org/path and numbers 1234567890\n" * 12_500) + TOKEN
    start = time.perf_counter()
    assert redactor.redact(text).count == 1
    assert time.perf_counter() - start < 1.5
