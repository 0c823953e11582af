"""P6: the repository map beside a plain tree-sitter pass over the same files, and beside aider's map.

Every map is made in a process of its own. Seconds are processor seconds of the call and of the processes that it
starts, without the imports on either side, so that whatever else the machine does is not in them. aider is installed
into .cache/ when it is first needed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, at_most, none
from benchmarks.trees import git

ROOT = Path(__file__).parents[1]
PACKAGES = ("sqlalchemy", "werkzeug", "flask", "redis", "rq")
REQUEST = "The compiler ignores LIMIT in a subquery of `select_from`; see sqlalchemy/sql/compiler.py"
BUDGET = 4_000
ROUNDS = 3
AIDER = "0.86.2"
AIDER_NEEDS = (
    f"aider-chat=={AIDER} diskcache==5.6.3 grep-ast==0.9.0 networkx==3.4.2 numpy==1.26.4 scipy==1.15.3"
    " pathspec==1.0.4 pygments==2.19.2 rich==14.3.2 markdown-it-py==4.0.0 mdurl==0.1.2 tqdm==4.67.3 packaging==26.0"
    " tree-sitter==0.25.2 tree-sitter-language-pack==0.13.0 tree-sitter-c-sharp==0.23.1"
    " tree-sitter-embedded-template==0.25.0 tree-sitter-yaml==0.7.2"
)
INSTALL_SECONDS = 240


@dataclass(frozen=True)
class Run:
    """What one process said: seconds of the map, its peak with that of its largest child in kB, text and tokens."""

    seconds: float
    rss: int
    text: str = ""
    tokens: int = 0


@dataclass
class Place:
    """A work tree of installed packages, a mirror of it, and the caches."""

    folder: Path
    changes: int = 0

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def mirror(self) -> Path:
        return self.folder / "repos" / "mirrors" / "1.git"

    def make(self) -> None:
        """One commit of the packages' source text."""
        for name in PACKAGES:
            spec = importlib.util.find_spec(name)
            if spec is None or spec.origin is None:
                raise RuntimeError(f"{name} is not installed")
            shutil.copytree(Path(spec.origin).parent, self.tree / name, ignore=shutil.ignore_patterns("*.so", "*.pyc"))
        git(self.folder, "init", "-q", "-b", "main", str(self.tree))
        self._commit()

    def change(self) -> None:
        """One more line in one file, in a new commit."""
        self.changes += 1
        with (self.tree / "flask" / "app.py").open("a") as file:
            file.write(f"\n\ndef added_{self.changes}():\n    pass\n")
        self._commit()

    def _commit(self) -> None:
        who = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
        git(self.tree, "add", "-A")
        git(self.tree, *who, "commit", "-q", "-m", "one")
        self.mirror.parent.mkdir(parents=True, exist_ok=True)
        if not self.mirror.exists():
            git(self.folder, "clone", "-q", "--bare", str(self.tree), str(self.mirror))
        git(self.mirror, "fetch", "-q", str(self.tree), "+main:main")

    def ours(self, cache: str, seed: str = "random") -> Run:
        """Our map of the last commit."""
        return said([sys.executable, "-m", "benchmarks.repomap", "ours", str(self.folder), cache], seed)

    def plain(self) -> Run:
        """Reading, parsing and querying every Python file once, and nothing else."""
        return said([sys.executable, "-m", "benchmarks.repomap", "plain", str(self.tree)])

    def aider(self) -> Run:
        """aider's map of the work tree."""
        python = installed() / "bin" / "python"
        return said([str(python), str(ROOT / "benchmarks" / "aidermap.py"), str(self.tree), str(BUDGET)])


def run(folder: Path) -> Iterator[Figure]:
    """The figures of P6."""
    place = Place(folder)
    place.make()
    cold, plain = [], []
    for number in range(ROUNDS):
        plain.append(place.plain())
        cold.append(place.ours(f"cold{number}", seed=str(number)))
    best, least = fastest(cold), fastest(plain)
    what = f"map, cold, beside reading, parsing and querying ({best:.2f} s of {least:.2f} s)"
    yield at_most("P6", what, best / least, 2.0)
    warm = [place.ours("cold0", seed=str(seed)) for seed in range(2)]
    yield none("P6", "maps of 5 processes that differ from the first", len({each.text for each in (*cold, *warm)}) - 1)
    share = cold[0].tokens / BUDGET
    what = f"tokens of the budget of {BUDGET} ({cold[0].tokens}; goal 0.85 to 1)"
    yield Figure("P6", what, f"{share:.3f} x", "<= 1 x", 0.85 <= share <= 1.0)
    yield from beside_aider(place, max(each.rss for each in cold))


def beside_aider(place: Place, rss: int) -> Iterator[Figure]:
    """A changed file in a warm cache, and the peak of memory."""
    try:
        peer = place.aider()
    except (OSError, subprocess.SubprocessError) as error:
        yield Figure("P6", f"beside aider {AIDER}: not run: {reason(error)}"[:76], "-", "-", False)
        return
    ours, theirs = [], []
    for _ in range(ROUNDS):
        place.change()
        ours.append(place.ours("cold0"))
        theirs.append(place.aider())
    best, anchor = fastest(ours), fastest(theirs)
    what = f"map, one file changed, beside aider's ({best * 1e3:.0f} ms of {anchor * 1e3:.0f} ms)"
    yield at_most("P6", what, best / anchor, 0.1)
    most = max(rss, *(each.rss for each in ours))
    what = f"map, peak memory, beside aider's ({most / 1024:.0f} MB of {peer.rss / 1024:.0f} MB)"
    yield at_most("P6", what, most / peer.rss, 0.5)


def installed() -> Path:
    """The folder with aider in it. Raises OSError or SubprocessError where it cannot be installed."""
    home = ROOT / ".cache" / f"aider-{AIDER}"
    if not (home / "complete").exists():
        venv.create(home, clear=True, with_pip=True)
        command = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", *AIDER_NEEDS.split()]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        (home / "complete").touch()
    return home


def reason(error: Exception) -> str:
    """The last line that the failed command said."""
    lines = str(getattr(error, "stderr", None) or error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


def fastest(runs: list[Run]) -> float:
    """What the work takes when nothing else disturbs it, in seconds."""
    return min(each.seconds for each in runs)


def said(command: list[str], seed: str = "random") -> Run:
    """Run a process that prints a Run as its last line. Raises SubprocessError."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def ours(folder: Path, cache: str) -> dict[str, Any]:
    """Our map, in this process."""
    import git as _library  # noqa: F401  (read when the first git command runs)

    from jobs.git.mirror import Mirror
    from jobs.repomap.build import repository_map
    from jobs.repomap.query import Query
    from jobs.repomap.tokens import tokens

    mirror = Mirror(folder / "repos", 1)
    commit = mirror.git.text("rev-parse", "refs/heads/main")
    began = spent()
    text = repository_map(mirror, commit, Query(REQUEST), BUDGET, folder / cache)
    return {"seconds": spent() - began, "text": text, "tokens": tokens(text)}


def plain(tree: Path) -> dict[str, Any]:
    """The anchor, with the grammar's own query."""
    import tree_sitter_python
    from tree_sitter import Language, Parser, Query, QueryCursor

    language = Language(tree_sitter_python.language())
    parser, query = Parser(language), Query(language, tree_sitter_python.TAGS_QUERY)
    began = spent()
    for path in sorted(tree.rglob("*.py")):
        QueryCursor(query).captures(parser.parse(path.read_bytes()).root_node)
    return {"seconds": spent() - began}


def spent() -> float:
    """Processor seconds of this process and of its children so far."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    made = ours(Path(sys.argv[2]), sys.argv[3]) if sys.argv[1] == "ours" else plain(Path(sys.argv[2]))
    most = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({**made, "rss": sum(most)}))
