"""ABU-22: what leaves with a commit holds no live secret in any disguise, and nothing that looks like a new one."""

import base64
import codecs
import gzip
import time
import zlib
from urllib.parse import quote

import pytest

from jobs.execution.secrets import BRANCH, LIVE, MESSAGE, NAME, PLUGINS, fake, feedback, leaks, live, plugins, scan
from jobs.git.message import message
from state.fragments import unpacked
from state.redact import Redactor
from tests.jobs.git.conftest import hub, mirror, started  # noqa: F401
from tests.jobs.git.hub import WHO

TAIL = "Zx81kPq0VvLr92mNcT5yHwQe7uBdA3sJf6Gh4"
KEY = f"sk-ant-api03-{TAIL}"
HOOK = "github-webhook"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpQx1Zt8VbN3kLw0Qy7\nHs5Jd2Fg9Ra4Cm6Xe8Uo\n-----END RSA PRIVATE KEY-----\n"
TOKEN = "ghs_12345_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjEyMzQ1fQ.k9Xw2Lr7Tz4Vb8Nq1Mc6"
REDACTOR = Redactor({"anthropic": KEY, "hook": HOOK, "pem": PEM, "token": TOKEN})
RAW = KEY.encode()
AWS = "AKIA" + "Q7XK2M9PLW4TZ8VB"


def nowhere(value):
    return False


def in_text(text):
    return any(kind == LIVE for _, kind in scan(text, REDACTOR, nowhere))


DISGUISES = {
    "raw": KEY,
    "without its beginning": KEY[7:],
    "without its end": KEY[:-7],
    "backwards": KEY[::-1],
    "rot13": codecs.encode(KEY, "rot13"),
    "hex": RAW.hex(),
    "upper hex": RAW.hex().upper(),
    "spaced hex": " ".join(f"{byte:02x}" for byte in RAW),
    "url": quote(KEY, safe=""),
    "base64": base64.b64encode(RAW).decode(),
    "base64 at 1": base64.b64encode(b"x" + RAW).decode(),
    "base64 at 2": base64.b64encode(b"xy" + RAW).decode(),
    "url-safe base64": base64.urlsafe_b64encode(RAW).decode(),
    "base64 of a part": base64.b64encode(RAW[15:36]).decode(),
    "wrapped base64": "\n".join([base64.b64encode(RAW).decode()[:30], base64.b64encode(RAW).decode()[30:]]),
    "split in strings": f'"{KEY[13:19]}" +\n  "{KEY[19:25]}" + "{KEY[25:31]}"',
    "with dashes": "-".join(TAIL),
    "one window": TAIL[8:20],
    "another window": TAIL[-12:],
    "utf-16": KEY.encode("utf-16").decode("utf-8", "replace"),
    "a line of the key file": "Hs5Jd2Fg9Ra4Cm6Xe8Uo",
    "an end of a token": TOKEN[-16:],
    "a short one as a whole": HOOK,
}


@pytest.mark.parametrize("how", DISGUISES)
def test_abu_22_a_live_secret_is_found_in_any_disguise(how):
    assert in_text(f"x = 1\nvalue = {DISGUISES[how]}\n")


PACKED = {
    "gzip": gzip.compress(RAW),
    "zlib": zlib.compress(RAW),
    "base64 of gzip": b"x = '" + base64.b64encode(gzip.compress(RAW)) + b"'",
    "wrapped base64 of zlib": base64.encodebytes(zlib.compress(RAW * 3)),
    "hex of gzip": gzip.compress(RAW).hex().encode(),
    "cut gzip": gzip.compress(b"some words before it " * 3 + RAW)[:-8],
}


@pytest.mark.parametrize("how", PACKED)
def test_abu_22_a_live_secret_is_found_in_compressed_data(how):
    assert any(live(opened, REDACTOR) for opened in unpacked(PACKED[how]))


HARMLESS = [
    "sk-ant-api03- is how such a key begins",
    "eyJhbGciOiJSUzI1NiJ9 is the head of every such token",
    "the github hook and the web",
    "-----BEGIN RSA PRIVATE KEY-----",
    "123456789012 000000000000 abcdefghijklmnop",
    "def anthropic_api_key(settings): return settings.anthropic_api_key",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_everybody_knows_of_a_secret_is_none(text):
    assert not in_text(text) and list(scan(text, REDACTOR, nowhere)) == []


def key_of(kind):
    return f"-----BEGIN {kind}PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTU\n-----END"


SHAPED = {
    "aws": f'id = "{AWS}"',
    "github": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "gitlab": "glpat-" + "x9Kq2mLw8ZtR4vBn7YcD",
    "slack": "xoxb-" + "2345678901-3456789012-aBcDeFgHiJkLmNoPqRsTuVwX",
    "stripe": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "google": "AIza" + "SyD8x2Kq9mLw7ZtR4vBn1YcE5uHj3PfGa0Q",
    "telegram": "110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiI5OTgxIiwibiI6ImEifQ.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXkQ",
    "url": "postgresql://shop:" + "hV7-pW2x@db.acme.io/shop",
    "key": key_of("RSA "),
    "key in one line": 'KEY = "' + key_of("").replace("\n", "\\n") + '"',
    "ssh key": key_of("OPENSSH "),
}


@pytest.mark.parametrize("what", SHAPED)
def test_what_looks_like_a_new_secret_is_found_on_its_line(what):
    found = list(scan(f"# one\n{SHAPED[what]}\n", REDACTOR, nowhere))
    assert found and {line for line, _ in found} == {2}


@pytest.mark.parametrize("what", SHAPED)
def test_what_the_base_has_already_is_not_new(what):
    assert list(scan(SHAPED[what], REDACTOR, lambda value: True)) == []


MADE_UP = [
    "AKIAIOSFODNN7EXAMPLE",
    "postgresql://postgres:postgres@localhost:5432/test",
    "redis://user:hunter2@127.0.0.1/0",
    "https://ana:s3cr3t@example.com/x",
    "https://x-access-token:{token}@github.com/o/r.git",
    "ftp://u:changeme@files.acme.io/",
    "ghp_" + "x" * 36,
    "AKIA" + "EXAMPLE123456789",
    "-----BEGIN PRIVATE KEY-----\n" + "A" * 64,
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.dBjftJeZ4CVPmB92K27u",
]


@pytest.mark.parametrize("text", MADE_UP)
def test_what_is_plainly_made_up_is_let_through(text):
    assert list(scan(text, REDACTOR, nowhere)) == []


def test_a_local_address_elsewhere_does_not_excuse_a_real_one():
    assert not fake("hV7-pW2x", "a://u:hV7-pW2x@localhost/ and b://u:hV7-pW2x@db.acme.io/")


def test_a_live_secret_is_never_let_through():
    assert list(scan(f"example {KEY}", REDACTOR, lambda value: True)) == [(1, LIVE)]


def test_every_chosen_detector_is_there_and_asks_no_network():
    assert len(plugins()) == len(PLUGINS)


def test_a_hostile_line_costs_linear_time():
    began = time.process_time()
    assert list(scan("eyJ" * 100_000 + "://" * 50_000, REDACTOR, nowhere)) == []
    assert time.process_time() - began < 3


@pytest.fixture
def made(started):  # noqa: F811
    """Commits files on the first commit; what would leak."""

    def make(files, text="feat: do it\n", branch="feature/x"):
        base = started.head()
        for path, content in files.items():
            target = started.tree / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        sha = started.commit(started.changed(), text, WHO)
        return leaks(started.mirror, base, sha, REDACTOR, branch)

    return make


def test_a_leak_is_told_by_file_and_line_and_never_by_value(made):
    found = made({"src/b.py": f"x = 1\ny = 2\nkey = '{KEY}'\n", "conf.ini": f"[a]\nid = {AWS}\n", "ok.txt": "fine\n"})
    told = feedback(found)
    assert "src/b.py, line 3: a secret of this service" in told and "conf.ini, line 2: AWS Access Key" in told
    assert KEY not in told and TAIL[:12] not in told and AWS not in told and "environment" in told


def test_message_branch_and_names_of_files_are_looked_at_too(made):
    text = message("feat: do it", f"The key is {TAIL[:20]}.", {})
    found = made({f"src/{TAIL}.txt": "x\n"}, text, f"feature/{TAIL.lower()}-{RAW.hex()[:40]}")
    assert {one.where for one in found} == {NAME, MESSAGE, BRANCH} and TAIL not in feedback(found)


def test_binary_and_compressed_files_are_looked_into(made):
    found = made(
        {"blob.bin": b"\x00\x01" + RAW + b"\x00", "data.gz": gzip.compress(RAW), "fine.gz": gzip.compress(b"x")}
    )
    assert {one.where for one in found} == {"blob.bin", "data.gz"}


def test_to_move_or_to_take_out_what_was_there_is_no_leak(made, started):  # noqa: F811
    assert made({"fixtures/old.txt": f"id = {AWS}\nother\n"})
    moved = {"fixtures/new.txt": f"a line before\nid = {AWS}\n", "fixtures/old.txt": "other\n"}
    assert made(moved) == []
    assert made({"fixtures/new.txt": "a line before\n"}) == []


def test_the_tree_of_unfinished_work_is_looked_at_without_a_commit(started):  # noqa: F811
    (started.tree / "draft.py").write_text(f"key = '{KEY}'\n")
    found = leaks(started.mirror, started.head(), started.snapshot(), REDACTOR)
    assert {(one.where, one.line) for one in found} == {("draft.py", 1)}
