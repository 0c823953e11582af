"""Which branches are protected and which rules apply to them."""

from __future__ import annotations

from fnmatch import fnmatchcase

from devkit.github.hub import Hub
from devkit.github.model import Json, Repo


def protection_of(repo: Repo, branch: str) -> Json | None:
    """Settings of the first pattern that matches the branch."""
    return next((found for pattern, found in repo.protections.items() if fnmatchcase(branch, pattern)), None)


def rules_of(repo: Repo, branch: str) -> list[Json]:
    return [rule for rule in repo.rules if fnmatchcase(branch, str(rule.get("pattern", "*")))]


def summary(hub: Hub, repo: Repo, found: Json) -> Json:
    """The ``protection`` of a branch answer."""
    contexts = found.get("required_status_checks") or []
    checks = {
        "enforcement_level": "everyone" if contexts else "off",
        "contexts": contexts,
        "checks": [{"context": name, "app_id": None} for name in contexts],
    }
    return {"enabled": True, "required_status_checks": checks}


def whole(hub: Hub, repo: Repo, branch: str, found: Json) -> Json:
    """The answer of ``GET .../branches/BRANCH/protection``."""
    url = hub.repo_url(repo, f"/branches/{branch}/protection")
    contexts = found.get("required_status_checks") or []
    flags = {
        name: {"enabled": bool(found.get(name, False))}
        for name in (
            "required_linear_history",
            "allow_force_pushes",
            "allow_deletions",
            "block_creations",
            "required_conversation_resolution",
            "lock_branch",
            "allow_fork_syncing",
        )
    }
    body: Json = {
        "url": url,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": bool(found.get("required_signatures"))},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(found.get("enforce_admins", True))},
        **flags,
    }
    if contexts:
        body["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": False,
            "contexts": contexts,
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": name, "app_id": None} for name in contexts],
        }
    if found.get("required_reviews"):
        body["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "required_approving_review_count": found["required_reviews"],
            "require_last_push_approval": False,
        }
    return body
