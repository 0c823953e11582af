"""ctags where tree-sitter cannot help; nothing where there is no ctags either."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.repomap import tags
from jobs.repomap.sources import reader

ROOT = Path(__file__).parents[3]
RUBY = b"class Stock\n  def take(sku)\n    find_row(sku)\n  end\nend\n"
C = b"#define TWICE(x) x\nstruct row { int a; };\nint take_out(struct row *r) {\n  int local = 1;\n  return local;\n}\n"
needs_ctags = pytest.mark.skipif(tags.version("ruby") is None, reason="Universal Ctags is not installed")


@needs_ctags
def test_definitions_come_from_ctags_and_uses_from_the_text():
    ruby, c, nothing = tags.read([("ruby", RUBY), ("c", C), ("ruby", b"")])
    assert [(each.line, each.level, each.text) for each in ruby.definitions] == [
        (1, 0, "class Stock"),
        (2, 1, "def take(sku)"),
    ]
    assert "find_row" in ruby.references
    assert [each.name for each in c.definitions if each.name != "TWICE"] == ["row", "take_out"]
    assert nothing.definitions == ()


@needs_ctags
def test_ctags_reads_no_configuration_of_the_repository(tmp_path: Path):
    found = tags.read([("ruby", b"--options=/etc/passwd\n!_TAG_X\tx\n" + RUBY)])
    assert [each.name for each in found[0].definitions] == ["Stock", "take"]


def test_without_ctags_there_is_no_reader_and_no_definition():
    assert tags.version("ruby", "no-such-ctags") is None
    assert tags.version("brainfuck") is None
    assert [one.definitions for one in tags.read([("ruby", RUBY)], "no-such-ctags")] == [()]


def test_without_tree_sitter_the_map_goes_on():
    """In a process of its own, in which the package cannot be imported."""
    code = (
        "import sys; sys.modules['tree_sitter'] = None\n"
        "from jobs.repomap.sources import reader\n"
        "print(reader('python'))"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    assert "tree-sitter" not in said
    assert bool(said) is bool(tags.version("python"))
    assert bool(shutil.which("ctags")) or said == ""


def test_the_reader_names_its_version_for_the_cache():
    assert reader("python").startswith("tree-sitter 0.")
    assert reader("brainfuck") == ""
