"""The tree as a newcomer gets it: links lead somewhere, locks agree with the project, no trace of a machine."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.files import PACKAGES, ROOT, pyproject, text_of, tracked

NO_PAPERS = ("tests/", "ai/", "devkit/samples/")
PAPERS = [name for name in tracked() if name.endswith(".md") and not name.startswith(NO_PAPERS)]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
URL = re.compile(r"https?://([A-Za-z0-9.-]+)")
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)
FOLDER = re.compile(r"(?<![\w.*~])/(?:root|home|Users)/[\w.]+")
KNOWN_FOLDERS = {"/root/.ssh", "/root/.netrc", "/home/dev"}  # what a sandbox hides, and its own
HOSTS = {
    "github.com",
    "api.github.com",
    "docs.github.com",
    "github.blog",
    "gh.io",
    "git-lfs.github.com",
    "ai.google.dev",
    "platform.claude.com",
    "api.telegram.org",
    "docs.rs",
    "json-schema.org",
    "www.w3.org",
    "127.0.0.1",
    "localhost",
    "x.y",
    "1.1.1.1",  # what a sandbox may not reach
    "169.254.169.254",
}
DATA = ("tests/ghapp/data/", "tests/devkit/github/webhook_keys.json")


def texts() -> list[tuple[str, str]]:
    """Path and text of every text file that is ours."""
    pairs = ((name, text_of(name)) for name in tracked() if not name.startswith(DATA))
    return [(name, text) for name, text in pairs if text is not None]


def own_host(host: str) -> bool:
    """Whether a host may stand in our files: known services, reserved names, and names without a dot."""
    bare = host.rstrip(".").lower()
    reserved = (".example", ".example.com", ".example.org", ".invalid", ".test", ".localhost")
    return bare in HOSTS or "." not in bare or f".{bare}".endswith(reserved)


def test_only_known_services_and_reserved_names_are_addressed():
    found = {(name, host) for name, text in texts() for host in URL.findall(text) if not own_host(host)}
    assert found == set()


def test_no_file_names_this_machine():
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    indexes = re.findall(r"(?:index|find-links)\S*='(.*)'", asked)
    words = {part for value in indexes for part in value.split() if urlsplit(part).path.strip("/")}
    words |= {urlsplit(word).path.removesuffix("/simple") for word in words} | {str(ROOT)}
    words |= {name for name in (socket.gethostname(),) if len(name) > 8}
    for name, text in texts():
        assert not [word for word in words if len(word) > 6 and word in text], name
        assert set(FOLDER.findall(text)) <= KNOWN_FOLDERS, name


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", PAPERS)
def test_links_of_a_paper_lead_somewhere(name: str):
    text = re.sub(r"```.*?```", "", (ROOT / name).read_text(), flags=re.DOTALL)
    for target in (one or other for one, other in LINK.findall(text)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        path = (ROOT / name).parent / file if file else ROOT / name
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), target


@pytest.mark.parametrize("name", PAPERS)
def test_files_that_a_paper_names_are_there(name: str):
    """Paths in code marks that begin with one of our folders."""
    text = re.sub(r"```.*?```", "", (ROOT / name).read_text(), flags=re.DOTALL)
    rooms = "|".join((*PACKAGES, "tests", "docs", "packaging", "scripts", "benchmarks"))
    for path in re.findall(rf"`((?:{rooms})/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path


def test_tests_that_a_paper_names_are_there():
    code = "\n".join(text for name, text in texts() if name.startswith("tests/") and name.endswith(".py"))
    for name in (name for name in PAPERS if not name.endswith("configuration.md")):  # there it is a key
        for test in re.findall(r"`(test_\w+)`", (ROOT / name).read_text()):
            assert re.search(rf"def {test}\b", code), f"{name}: {test}"


def test_the_papers_that_people_look_for_are_there():
    wanted = {
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/design.md",
        ".env.example",
    }
    assert wanted <= set(tracked())
    assert "MIT License" in (ROOT / "LICENSE").read_text()
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()
    assert len((ROOT / "docs" / "design.md").read_text().splitlines()) <= 120, "one page"


def locked(name: str) -> dict[str, Version]:
    return {canonicalize_name(n): Version(v) for n, v in PINNED.findall((ROOT / name).read_text())}


def declared(*extras: str) -> list[Requirement]:
    project = pyproject()["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    found = [Requirement(line) for line in lines]
    return [one for one in found if canonicalize_name(one.name) != canonicalize_name(project["name"])]


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ("postgres", "demo")),
        ("requirements-dev.lock", ("postgres", "demo", "gemini-legacy", "dev")),
    ],
)
def test_a_lock_pins_what_the_project_declares(lock: str, extras: tuple[str, ...]):
    pins = locked(lock)
    for one in declared(*extras):
        name = canonicalize_name(one.name)
        assert name in pins, f"{name}: run make lock"
        assert one.specifier.contains(pins[name], prereleases=True), f"{name}=={pins[name]}: run make lock"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_has_a_hash_and_no_lock_names_an_index(lock: str):
    text = (ROOT / lock).read_text()
    assert not re.search(r"^-|https?://|file:", text, re.MULTILINE)
    for pin in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        assert "--hash=sha256:" in pin, pin.splitlines()[0]


def test_both_locks_agree():
    runtime, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_makefile_has_every_command_that_the_papers_name():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {word for name in PAPERS for word in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)\b", _code(ROOT / name))}
    assert named <= targets


def _code(path: Path) -> str:
    return "\n".join(re.findall(r"`[^`\n]+`|```.*?```", path.read_text(), re.DOTALL))
