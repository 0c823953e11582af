"""Labels of a repository and on issues."""

from __future__ import annotations

import re

from devkit.github.errors import Refused, invalid, not_found
from devkit.github.hooks import events
from devkit.github.hub import Hub
from devkit.github.model import Issue, Label, Repo, User, now


def find(hub: Hub, repo: Repo, name: str) -> Label | None:
    wanted = name.lower()
    return next((row for row in hub.store.labels if row.repo_id == repo.id and row.name.lower() == wanted), None)


def create(hub: Hub, repo: Repo, name: str, color: str = "ededed", description: str | None = None) -> Label:
    """A new label. 422: duplicate (case does not matter), empty, over 50 characters, or a bad colour."""
    if not name.strip():
        raise invalid("Label", "name", "missing_field")
    if len(name) > 50:
        raise invalid("Label", "name", "custom", "name is too long (maximum is 50 characters)")
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", color):
        raise invalid("Label", "color", "invalid")
    if description is not None and len(description) > 100:
        raise invalid("Label", "description", "custom", "description is too long (maximum is 100 characters)")
    with hub.lock:
        if find(hub, repo, name):
            raise invalid("Label", "name", "already_exists")
        return hub.store.labels.save(Label(hub.store.next_id(), repo.id, name.strip(), color.lower(), description))


def ensure(hub: Hub, repo: Repo, name: str) -> Label:
    return find(hub, repo, name) or create(hub, repo, name)


def add(hub: Hub, repo: Repo, row: Issue, names: list[str], user: User) -> None:
    """Put labels on an issue, creating unknown ones; a webhook for each that is new there."""
    fresh = []
    for name in names:
        label = ensure(hub, repo, name)
        if label.id not in row.label_ids:
            row.label_ids.append(label.id)
            fresh.append(label)
    _save(hub, row)
    for label in fresh:
        events.labelled(hub, "labeled", repo, row, label, user)


def remove(hub: Hub, repo: Repo, row: Issue, name: str, user: User) -> None:
    """Take one label off. 404 when it is not on the issue."""
    label = find(hub, repo, name)
    if label is None or label.id not in row.label_ids:
        raise Refused(404, "Label does not exist")
    row.label_ids.remove(label.id)
    _save(hub, row)
    events.labelled(hub, "unlabeled", repo, row, label, user)


def replace(hub: Hub, repo: Repo, row: Issue, names: list[str], user: User) -> None:
    wanted = {ensure(hub, repo, name).id for name in names}
    for label_id in [i for i in row.label_ids if i not in wanted]:
        remove(hub, repo, row, hub.store.labels[label_id].name, user)
    add(hub, repo, row, names, user)


def delete(hub: Hub, repo: Repo, name: str) -> None:
    """Delete a label everywhere. 404 when there is none."""
    label = find(hub, repo, name)
    if label is None:
        raise not_found()
    hub.store.labels.delete(label.id)


def _save(hub: Hub, row: Issue) -> None:
    row.updated = now()
    hub.store.issues.save(row)
