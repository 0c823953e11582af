"""aider's repository map of a folder, run by the Python that aider is installed for (see repomap.py).

Token counting and output are replaced by the cheapest there is, so only the map is measured.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path


class Quiet:
    """The part of aider's terminal that the map uses."""

    def read_text(self, path: str) -> str:
        return Path(path).read_text(encoding="utf-8", errors="replace")

    def tool_output(self, *_: object) -> None:
        pass

    tool_warning = tool_error = tool_output


class Cheap:
    """A model that counts four characters as a token."""

    def token_count(self, text: str) -> int:
        return len(text) // 4


def main(root: str, budget: int) -> None:
    import networkx  # noqa: F401  (aider imports these two when it first ranks)
    import scipy.sparse  # noqa: F401
    from aider.repomap import RepoMap

    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True).stdout
    files = [f"{root}/{name.decode()}" for name in listed.split(b"\0") if name]
    began = sum(os.times()[:4])
    text = RepoMap(map_tokens=budget, root=root, main_model=Cheap(), io=Quiet()).get_repo_map([], files)
    seconds = sum(os.times()[:4]) - began
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "rss": rss, "text": text}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
