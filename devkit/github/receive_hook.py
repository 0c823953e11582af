"""The pre-receive hook: refuses what GitHub refuses. Run by git with the policy's path in DEVKIT_POLICY.

Standard library only, and no import of ours: it starts for every push. Reasons per ref go to DEVKIT_REASONS.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

ZERO = "0" * 40
WORKFLOWS = ".github/workflows/"
SECRET = re.compile(
    rb"gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,}|AKIA[0-9A-Z]{16}|sk-ant-api03-[\w-]{80,}"
    rb"|xox[abp]-[0-9A-Za-z-]{20,}|-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----"
)
RULE_REASONS = {
    "pull_request": "Changes must be made through a pull request.",
    "required_signatures": "Commits must have verified signatures.",
    "creation": "Cannot create ref due to creations being restricted.",
    "update": "Cannot update this protected ref.",
}
Update = tuple[str, str, str]


def git(*args: str, data: bytes = b"") -> bytes:
    return subprocess.run(["git", *args], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def forced(old: str, new: str) -> bool:
    return ZERO not in (old, new) and bool(git("rev-list", "-1", old, f"^{new}").strip())


def protected(policy: dict[str, Any], update: Update) -> list[str]:
    """GH006: why a protected branch refuses this update; empty when it does not."""
    old, new, ref = update
    branch = ref.removeprefix("refs/heads/")
    found = next((rule for pattern, rule in policy["protected"] if fnmatchcase(branch, pattern)), None)
    if found is None or ref == branch or (policy["admin"] and not found.get("enforce_admins", True)):
        return []
    why = against(found, old, new, policy["login"])
    return [f"GH006: Protected branch update failed for {ref}.", "", *(f"- {text}" for text in why)] if why else []


def against(rule: dict[str, Any], old: str, new: str, login: str) -> list[str]:
    """What a branch's protection has against moving it so."""
    if new == ZERO:
        return [] if rule.get("allow_deletions") else ["Cannot delete a protected branch"]
    if forced(old, new) and not rule.get("allow_force_pushes"):
        return ["Cannot force-push to this branch"]
    if rule.get("required_reviews"):
        return ["Changes must be made through a pull request."]
    if rule.get("required_status_checks"):
        return [f'Required status check "{name}" is expected.' for name in rule["required_status_checks"]]
    if rule.get("restrictions") is not None and login not in rule["restrictions"]:
        return ["You're not authorized to push to this branch."]
    return []


def ruled(policy: dict[str, Any], update: Update) -> list[str]:
    """GH013: why a ruleset refuses this update."""
    old, new, ref = update
    why = []
    for rule in policy["rules"]:
        if not fnmatchcase(ref.removeprefix("refs/heads/"), rule.get("pattern", "*")):
            continue
        kind = rule["type"]
        applies = {
            "creation": old == ZERO,
            "deletion": new == ZERO,
            "non_fast_forward": forced(old, new),
        }.get(kind, new != ZERO)
        if applies and kind in (*RULE_REASONS, "deletion", "non_fast_forward"):
            texts = {"deletion": "Cannot delete this branch", "non_fast_forward": "Cannot force-push to this branch"}
            why.append((RULE_REASONS | texts)[kind])
    return [f"GH013: Repository rule violations found for {ref}.", *(f"- {text}" for text in why)] if why else []


def new_blobs(updates: list[Update]) -> list[tuple[str, int, str]]:
    """(hash, size, path) of blobs that no ref had before."""
    tips = [new for _, new, _ in updates if new != ZERO]
    if not tips:
        return []
    listed = git("rev-list", "--objects", *tips, "--not", "--all").decode("utf-8", "replace").splitlines()
    named = dict(line.split(" ", 1) for line in listed if " " in line)
    shown = git("cat-file", "--batch-check", data="\n".join(named).encode()).decode().splitlines()
    rows = [line.split() for line in shown]
    return [(row[0], int(row[2]), named[row[0]]) for row in rows if len(row) == 3 and row[1] == "blob"]


def too_large(policy: dict[str, Any], blobs: list[tuple[str, int, str]]) -> list[str]:
    limit, mega = policy["max_blob"], 1024 * 1024
    lines = [
        f"error: File {path} is {size / mega:.2f} MB; this exceeds GitHub's file size limit of {limit / mega:.2f} MB"
        for _, size, path in blobs
        if size > limit
    ]
    last = "GH001: Large files detected. You may want to try Git Large File Storage - https://git-lfs.github.com."
    return ["error: See https://gh.io/lfs for more information.", *lines, last] if lines else []


def secrets(policy: dict[str, Any], blobs: list[tuple[str, int, str]], ref: str) -> list[str]:
    if not policy["secret_scanning"]:
        return []
    found = [path for sha, size, path in blobs if size < 1024 * 1024 and SECRET.search(git("cat-file", "blob", sha))]
    head = [
        f"GH013: Repository rule violations found for {ref}.",
        "- GITHUB PUSH PROTECTION",
        "- Push cannot contain secrets",
    ]
    return [*head, *(f"  path: {path}" for path in found)] if found else []


def workflow(policy: dict[str, Any], update: Update) -> str | None:
    """The first workflow file that this update brings in and no branch has yet, without the permission for it."""
    if policy["workflows"] or update[1] == ZERO:
        return None
    known = set()
    for sha in set(git("for-each-ref", "--format=%(objectname)").decode().split()):
        known |= _workflow_files(sha)
    fresh = sorted(_workflow_files(update[1]) - known)
    return fresh[0].split("\t", 1)[1] if fresh else None


def _workflow_files(sha: str) -> set[str]:
    shown = git("-c", "core.quotePath=false", "ls-tree", "-r", sha, "--", WORKFLOWS)
    return {line.split(" ", 2)[2] for line in shown.decode("utf-8", "replace").splitlines()}


def judge(policy: dict[str, Any], updates: list[Update]) -> dict[str, str]:
    """Print what GitHub prints; the reason per refused ref."""
    reasons: dict[str, str] = {}
    blobs = new_blobs(updates)
    for update in updates:
        ref = update[2]
        path = workflow(policy, update)
        checks = [
            (protected(policy, update), "protected branch hook declined"),
            (ruled(policy, update), "push declined due to repository rule violations"),
            (too_large(policy, blobs), "pre-receive hook declined"),
            (secrets(policy, blobs, ref), "push declined due to repository rule violations"),
        ]
        if path:
            text = (
                f"refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"
            )
            reasons[ref] = text
        for lines, reason in checks:
            if lines:
                print("\n".join(f"error: {line}" if line.startswith("GH") else line for line in lines), file=sys.stderr)
                reasons.setdefault(ref, reason)
    return reasons


def main() -> int:
    policy = json.loads(Path(os.environ["DEVKIT_POLICY"]).read_text())
    lines = [line.split(" ", 2) for line in sys.stdin.read().splitlines()]
    reasons = judge(policy, [(old, new, ref) for old, new, ref in lines])
    Path(os.environ["DEVKIT_REASONS"]).write_text(json.dumps(reasons))
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
