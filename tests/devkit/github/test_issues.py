"""Issues, comments, reactions and labels as GitHub answers them."""

from __future__ import annotations

import pytest

LONG = "x" * 65_537


def test_pygithub_comments_edits_reads_back_and_deletes(stage):
    number = stage.world.issue(stage.name, "ana", "Wrong sum", "/task fix it")
    issue = stage.pygithub().get_issue(number)
    comment = issue.create_comment("working")
    comment.edit("done")
    assert [row.body for row in issue.get_comments()] == ["done"]
    assert comment.user.login == "devtask[bot]"
    assert comment.user.type == "Bot"
    comment.delete()
    assert stage.world.comments(stage.name, number) == []


def test_returned_addresses_carry_the_prefix_of_the_api(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    shown = stage.http().get(stage.path(f"/issues/{number}")).json()
    assert shown["url"] == stage.world.api_url + stage.path(f"/issues/{number}")
    assert shown["html_url"] == f"{stage.world.url}/{stage.name}/issues/{number}"


@pytest.mark.parametrize("what", ["issue", "comment", "edit"])
def test_a_body_over_65536_characters_is_422(stage, what):
    number = stage.world.issue(stage.name, "ana", "t")
    comment = stage.world.comment(stage.name, number, "ana", "c")
    api = stage.http()
    answer = {
        "issue": lambda: api.post(stage.path("/issues"), json={"title": "t", "body": LONG}),
        "comment": lambda: api.post(stage.path(f"/issues/{number}/comments"), json={"body": LONG}),
        "edit": lambda: api.patch(stage.path(f"/issues/comments/{comment}"), json={"body": LONG}),
    }[what]()
    assert answer.status_code == 422
    assert "maximum is 65536" in answer.json()["errors"][0]["message"]
    assert api.post(stage.path(f"/issues/{number}/comments"), json={"body": LONG[1:]}).status_code == 201


def test_a_reaction_that_exists_is_200_else_201(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    comment = stage.world.comment(stage.name, number, "ana", "c")
    api = stage.http()
    for path in (f"/issues/{number}/reactions", f"/issues/comments/{comment}/reactions"):
        codes = [api.post(stage.path(path), json={"content": "eyes"}).status_code for _ in range(2)]
        assert codes == [201, 200]
        assert api.post(stage.path(path), json={"content": "cake"}).status_code == 422
    assert stage.pygithub().get_issue(number).create_reaction("rocket").content == "rocket"
    assert sorted(stage.world.reactions(stage.name, number)) == ["eyes", "rocket"]
    assert stage.world.read_issue(stage.name, number)["reactions"]["total_count"] == 2
    assert stage.world.comments(stage.name, number)[0]["reactions"]["eyes"] == 1


def test_labels_are_created_once_added_replaced_and_removed(stage):
    repo, api = stage.pygithub(), stage.http()
    number = stage.world.issue(stage.name, "ana", "t")
    repo.create_label("devtask", "00ff00", "ours")
    for body in ({"name": "DevTask"}, {"name": "x" * 51}, {"name": ""}, {"name": "y", "color": "green"}):
        assert api.post(stage.path("/labels"), json=body).status_code == 422
    issue = repo.get_issue(number)
    issue.add_to_labels("devtask", "bug")
    assert stage.world.labels(stage.name, number) == ["devtask", "bug"]
    issue.set_labels("bug")
    assert stage.world.labels(stage.name, number) == ["bug"]
    issue.remove_from_labels("bug")
    assert api.delete(stage.path(f"/issues/{number}/labels/bug")).status_code == 404
    assert {row.name for row in repo.get_labels()} == {"devtask", "bug"}


def test_a_locked_issue_takes_comments_of_people_who_write_and_of_no_app(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    stage.world.user("tom")
    stage.world.role(stage.name, "tom", "triage")
    stage.world.edit_issue(stage.name, number, "ana", locked=True)
    answer = stage.http(stage.world.token("tom")).post(stage.path(f"/issues/{number}/comments"), json={"body": "x"})
    assert answer.status_code == 403
    assert "locked" in answer.json()["message"]
    answer = stage.http(stage.world.token("bea")).post(stage.path(f"/issues/{number}/comments"), json={"body": "x"})
    assert answer.status_code == 201
    for path, body in (("comments", {"body": "x"}), ("reactions", {"content": "eyes"})):
        assert stage.http().post(stage.path(f"/issues/{number}/{path}"), json=body).status_code == 403


def test_editing_someone_elses_comment_needs_write(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    comment = stage.world.comment(stage.name, number, "ana", "hers")
    stage.world.user("tom")
    codes = {}
    for role in ("read", "triage", "write"):
        stage.world.role(stage.name, "tom", role)
        api = stage.http(stage.world.token("tom"))
        codes[role] = api.patch(stage.path(f"/issues/comments/{comment}"), json={"body": role}).status_code
    assert codes == {"read": 403, "triage": 403, "write": 200}


def test_a_deleted_issue_is_410_and_an_archived_repository_403(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    other = stage.world.issue(stage.name, "ana", "u")
    api = stage.http()
    stage.world.delete_issue(stage.name, number, "ana")
    assert api.get(stage.path(f"/issues/{number}")).status_code == 410
    assert api.post(stage.path(f"/issues/{number}/comments"), json={"body": "x"}).status_code == 410
    stage.world.change_repo(stage.name, archived=True)
    answer = api.post(stage.path(f"/issues/{other}/comments"), json={"body": "x"})
    assert (answer.status_code, answer.json()["message"]) == (403, "Repository was archived so is read-only.")
    assert api.get(stage.path(f"/issues/{other}")).status_code == 200


def test_a_renamed_or_transferred_repository_is_301_to_its_id(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    api, repo_id = stage.http(), stage.repo_id
    stage.world.change_repo(stage.name, name=stage.name.split("/")[1] + "-renamed")
    answer = api.get(stage.path(f"/issues/{number}"))
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{stage.world.api_url}/repositories/{repo_id}/issues/{number}"
    assert api.get(stage.path(f"/issues/{number}"), follow_redirects=True).json()["number"] == number
    assert stage.pygithub().full_name == f"{stage.name}-renamed"
    stage.world.user("zoe")
    stage.world.change_repo(f"{stage.name}-renamed", owner="zoe")
    assert stage.http(stage.world.token("zoe")).get(stage.path()).status_code == 301


def test_an_app_bot_cannot_be_assigned(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    shown = stage.http().patch(stage.path(f"/issues/{number}"), json={"assignees": ["devtask[bot]", "bea"]}).json()
    assert [row["login"] for row in shown["assignees"]] == ["bea"]


def test_closing_and_reopening_says_who_and_why(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    issue = stage.pygithub().get_issue(number)
    issue.edit(state="closed", state_reason="not_planned")
    shown = stage.world.read_issue(stage.name, number)
    assert (shown["state"], shown["state_reason"], shown["closed_by"]["login"]) == (
        "closed",
        "not_planned",
        "devtask[bot]",
    )
    issue.edit(state="open")
    assert stage.world.read_issue(stage.name, number)["state_reason"] == "reopened"


@pytest.mark.parametrize(
    ("role", "role_name", "permission", "shown"),
    [
        ("none", None, "none", "none"),
        ("read", None, "read", "read"),
        ("triage", None, "read", "triage"),
        ("write", None, "write", "write"),
        ("maintain", None, "write", "maintain"),
        ("admin", None, "admin", "admin"),
        ("write", "security-lead", "write", "security-lead"),
    ],
)
def test_the_permission_answer_has_the_four_words_and_the_role(stage, role, role_name, permission, shown):
    stage.world.user("kim", 424242)
    stage.world.role(stage.name, "kim", role, role_name)
    answer = stage.http().get(stage.path("/collaborators/kim/permission")).json()
    assert (answer["permission"], answer["role_name"], answer["user"]["id"]) == (permission, shown, 424242)
    assert stage.pygithub().get_collaborator_permission("kim") == permission


def test_on_a_public_repository_everyone_has_read(stage):
    stage.world.user("stranger")
    stage.world.change_repo(stage.name, private=False)
    assert stage.http().get(stage.path("/collaborators/stranger/permission")).json()["permission"] == "read"


def test_an_unknown_route_and_broken_json_answer_like_github(stage):
    api = stage.http()
    answer = api.get("/no/such/route")
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Not Found",
        "documentation_url": "https://docs.github.com/rest",
        "status": "404",
    }
    answer = api.post(stage.path("/issues"), content=b"{cut")
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")
