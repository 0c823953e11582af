"""`git` inside the sandbox: a throwaway repository outside the tree whose one commit is the step's start.

The parent makes it (one pack of that tree, nothing else of the history) and never runs git in it. Looking works;
commands that would change history or reach out answer how that is done here.
"""

from __future__ import annotations

from pathlib import Path

from jobs.git.hygiene import remove_tree
from jobs.git.runner import Git

GIT_HOME = "/devtask/git"
_ANSWERS = {
    "commit": "Commits are made for you: when the step is done, its files are checked and committed. Call done.",
    "push": "Nothing is pushed from here: when the step is done, its commit is checked and pushed. Call done.",
    "checkout|switch|restore|reset|revert": (
        "There is one tree and one start commit here. To undo a change use edit_file or write_file with the old text "
        "(git show HEAD:path prints it), or delete_file for a new file."
    ),
    "stash": "There is no stash here. See the old state with git show HEAD:path; your changes stay in the tree.",
    "branch|merge|rebase|cherry-pick|tag|worktree|submodule": (
        "Branches and history are handled outside; only the work tree is yours."
    ),
    "clone|fetch|pull|remote": "There is no network here; the repository is the tree at the root, HEAD its start.",
    "config|init|clean|gc": "This repository is a throwaway copy for looking; it is managed outside.",
}
_LOOKING = {"branch": "''|--show-current|--list|-a|-v", "remote": "''|-v|show", "config": "--get|--list|-l|--get-all"}


def _cases() -> str:
    lines = []
    for names, answer in _ANSWERS.items():
        looking = "".join(
            f'      {name}) case "${{2:-}}" in {_LOOKING[name]}) exec "$real" "$@";; esac;;\n'
            for name in names.split("|")
            if name in _LOOKING
        )
        inner = f'    case "$word" in\n{looking}    esac\n' if looking else ""
        lines.append(f'  {names})\n{inner}    echo "git $word: {answer}" >&2; exit 1;;\n')
    return "".join(lines)


GIT_WRAPPER = f"""#!/bin/sh
real=/usr/bin/git
[ -x "$real" ] || {{ echo 'git is not installed here; use the diff and history tools.' >&2; exit 127; }}
if [ -z "${{GIT_DIR:-}}" ] && [ -d {GIT_HOME}/objects ]; then
  GIT_DIR={GIT_HOME} GIT_WORK_TREE="${{DEVTASK_ROOT:-/work}}" GIT_PAGER=cat
  export GIT_DIR GIT_WORK_TREE GIT_PAGER
else
  exec "$real" "$@"
fi
word=
skip=
for part in "$@"; do
  if [ -n "$skip" ]; then skip=; continue; fi
  case "$part" in -C|-c|--git-dir|--work-tree) skip=1;; -*) ;; *) word=$part; break;; esac
done
case "$word" in
{_cases()}esac
exec "$real" "$@"
"""


def make_throwaway(git: Git, commit: str, folder: Path) -> None:
    """A fresh repository in `folder` with the tree of `commit` as its only commit, ready for `git diff` and `git show
    HEAD:path`.
    """
    remove_tree(folder)
    identity = {f"GIT_{who}_{what}": "devtask" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dates = {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"}
    made = git.run("commit-tree", f"{commit}^{{tree}}", "-m", "start of this step", env={**identity, **dates})
    single = made.decode().strip()
    pack = git.run("pack-objects", "--revs", "--stdout", "-q", "--delta-base-offset", stdin=f"{single}\n".encode())
    own = Git(folder)
    own.run("init", "--quiet", "--bare", str(folder))
    own.run("index-pack", "--stdin", stdin=pack)
    own.run("update-ref", "refs/heads/work", single)
    own.run("symbolic-ref", "HEAD", "refs/heads/work")
    (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfileMode = true\n")
    own.run("read-tree", single)
