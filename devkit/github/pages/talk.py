"""Issues and pull requests: read, open, comment, edit, tick, react, label, close."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from devkit.github import gitrepo
from devkit.github.errors import Refused, not_found
from devkit.github.model import Comment, Issue
from devkit.github.ops import issues, labels, pulls, reactions, ticks
from devkit.github.pages.desk import Page, View
from devkit.github.shapes.issues import REACTIONS

EMOJI = dict(zip(REACTIONS, "👍👎😄🎉😕❤🚀👀", strict=True))
ROOT = "/<owner>/<name>"
ONE = ROOT + "/issues/<int:number>"


def find(page: Page, number: int) -> Issue:
    row = page.hub.store.issue_numbered(page.repo, number)
    if row is None:
        raise not_found()
    if row.deleted:
        raise Refused(410, "This issue has been deleted.")
    return row


def comment_of(page: Page, comment_id: int) -> Comment:
    row = page.hub.store.comments.get(comment_id)
    if row is None or row.repo_id != page.repo.id:
        raise not_found()
    return row


def list_issues(page: Page) -> Response:
    return _list(page, False)


def list_pulls(page: Page) -> Response:
    return _list(page, True)


def _list(page: Page, of_pulls: bool) -> Response:
    state = request.args.get("state", "open")
    mine = [row for row in page.hub.store.issues_of(page.repo) if bool(row.pull_id) == of_pulls]
    counts = {name: sum(row.state == name for row in mine) for name in ("open", "closed")}
    rows = [row for row in mine if row.state == state][::-1]
    return page.show("issues.html", rows=rows, state=state, counts=counts, of_pulls=of_pulls)


def show(page: Page, number: int) -> Response:
    row = find(page, number)
    can_write = page.user is not None and issues.may_write(page.hub, page.repo, page.viewer)
    can_triage = page.user is not None and issues.may_triage(page.hub, page.repo, page.viewer)
    pull = page.hub.store.pulls.get(row.pull_id or 0)
    head = gitrepo.sha_of(page.hub, page.repo, f"refs/heads/{pull.head_ref}") if pull else None
    runs = [run for run in page.hub.store.checks if head and (run.repo_id, run.head_sha) == (page.repo.id, head)]
    return page.show(
        "issue.html",
        row=row,
        pull=pull,
        runs=runs,
        comments=page.hub.store.comments_of(row),
        can_write=can_write,
        can_triage=can_triage,
        all_labels=[label for label in page.hub.store.labels if label.repo_id == page.repo.id],
        emoji=EMOJI,
        version=ticks.version,
        reactions=lambda subject: reactions.grouped(page.hub, subject),
    )


def new(page: Page) -> Response:
    return page.show("new_issue.html")


def create(page: Page) -> Response:
    body = ticks.web_text(request.form.get("body", ""))
    row = issues.create(page.hub, page.repo, page.viewer, request.form.get("title", ""), body, [])
    return redirect(page.link(f"/issues/{row.number}"), 303)


def _back(page: Page, row: Issue, anchor: str = "") -> Response:
    kind = "pull" if row.pull_id else "issues"
    return redirect(page.link(f"/{kind}/{row.number}{anchor}"), 303)


def comment(page: Page, number: int) -> Response:
    row, body = find(page, number), ticks.web_text(request.form.get("body", ""))
    anchor = ""
    if body.strip():
        made = issues.comment(page.hub, page.repo, row, page.viewer, body)
        anchor = f"#issuecomment-{made.id}"
    if request.form.get("state") in ("open", "closed"):
        issues.edit(page.hub, page.repo, row, page.viewer, {"state": request.form["state"]})
    return _back(page, row, anchor)


def edit(page: Page, number: int) -> Response:
    row = find(page, number)
    ticks.check_unchanged(request.form.get("version", ""), row.body or "")
    changes = {"title": request.form.get("title", row.title), "body": ticks.web_text(request.form.get("body", ""))}
    issues.edit(page.hub, page.repo, row, page.viewer, changes)
    return _back(page, row)


def edit_comment(page: Page, comment_id: int) -> Response:
    row = comment_of(page, comment_id)
    ticks.check_unchanged(request.form.get("version", ""), row.body)
    issues.edit_comment(page.hub, page.repo, row, page.viewer, ticks.web_text(request.form.get("body", "")))
    return _back(page, page.hub.store.issues[row.issue_id], f"#issuecomment-{row.id}")


def delete_comment(page: Page, comment_id: int) -> Response:
    row = comment_of(page, comment_id)
    issues.delete_comment(page.hub, page.repo, row, page.viewer)
    return _back(page, page.hub.store.issues[row.issue_id])


def tick(page: Page, comment_id: int) -> Response:
    row = comment_of(page, comment_id)
    ticks.check_unchanged(request.form.get("version", ""), row.body)
    body = ticks.web_text(ticks.toggled(row.body, int(request.form.get("box", "-1"))))
    issues.edit_comment(page.hub, page.repo, row, page.viewer, body)
    return _back(page, page.hub.store.issues[row.issue_id], f"#issuecomment-{row.id}")


def tick_issue(page: Page, number: int) -> Response:
    row = find(page, number)
    ticks.check_unchanged(request.form.get("version", ""), row.body or "")
    body = ticks.web_text(ticks.toggled(row.body or "", int(request.form.get("box", "-1"))))
    issues.edit(page.hub, page.repo, row, page.viewer, {"body": body})
    return _back(page, row)


def react(page: Page, number: int) -> Response:
    row, user = find(page, number), issues.actor_of(page.viewer)
    comment_id = request.form.get("comment", "")
    subject = f"comment:{comment_id}" if comment_id else f"issue:{row.id}"
    strong = issues.may_speak_when_locked(page.hub, page.repo, page.viewer)
    made, fresh = reactions.react(page.hub, subject, row, user, request.form.get("content", ""), strong)
    if not fresh:
        reactions.remove(page.hub, subject, made.id, user)
    return _back(page, row, f"#issuecomment-{comment_id}" if comment_id else "")


def label(page: Page, number: int) -> Response:
    row, user, name = find(page, number), issues.actor_of(page.viewer), request.form.get("label", "").strip()
    if not issues.may_triage(page.hub, page.repo, page.viewer):
        raise Refused(403, "You need triage to change labels.")
    found = labels.find(page.hub, page.repo, name)
    if found is not None and found.id in row.label_ids:
        labels.remove(page.hub, page.repo, row, name, user)
    elif name:
        labels.add(page.hub, page.repo, row, [name], user)
    return _back(page, row)


def merge(page: Page, number: int) -> Response:
    pulls.merge(page.hub, page.repo, number, page.viewer)
    return _back(page, find(page, number))


TABLE: list[tuple[str, str, View]] = [
    ("GET", ROOT + "/issues", list_issues),
    ("GET", ROOT + "/pulls", list_pulls),
    ("GET", ROOT + "/issues/new", new),
    ("POST", ROOT + "/issues", create),
    ("GET", ONE, show),
    ("GET", ROOT + "/pull/<int:number>", show),
    ("POST", ONE + "/comments", comment),
    ("POST", ONE + "/edit", edit),
    ("POST", ONE + "/tick", tick_issue),
    ("POST", ONE + "/react", react),
    ("POST", ONE + "/label", label),
    ("POST", ROOT + "/pull/<int:number>/merge", merge),
    ("POST", ROOT + "/comments/<int:comment_id>/edit", edit_comment),
    ("POST", ROOT + "/comments/<int:comment_id>/delete", delete_comment),
    ("POST", ROOT + "/comments/<int:comment_id>/tick", tick),
]
