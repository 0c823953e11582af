"""The web pages: what a person does with a browser, without one; rendering as GitHub does."""

from __future__ import annotations

import re

import httpx
import pytest

from devkit.github.markdown import boxes, render

PLAN = """### Plan v1

- [ ] Approve and run  `/approve 7f3a`
- [ ] Reject  `/reject`

<details><summary>Graph</summary>

```mermaid
graph TD; A-->B
```

</details>

| a | b |
|---|---|
| 1 | ~~2~~ |
"""


@pytest.fixture
def browser(stage):
    client = httpx.Client(base_url=stage.world.url, follow_redirects=True, trust_env=False, verify=False)
    stage.opened.enter_context(client).post("/_login", data={"as": "bea", "to": "/"})
    return client


def version(page: str, nth: int = 0) -> str:
    return re.findall(r'data-version="(\w+)"', page)[nth]


def test_a_person_opens_an_issue_comments_ticks_reacts_and_closes(stage, browser):
    made = browser.post(f"/{stage.name}/issues", data={"title": "Wrong sum", "body": "/task fix\nsecond line"})
    assert "Wrong sum" in made.text
    number = int(made.url.path.rsplit("/", 1)[1])
    assert stage.world.read_issue(stage.name, number)["body"] == "/task fix\r\nsecond line"
    comment = stage.pygithub().get_issue(number).create_comment(PLAN).id
    page = browser.get(f"/{stage.name}/issues/{number}").text
    assert page.count('class="task-box"') == 2
    data = {"box": 0, "version": version(page, 1)}
    assert browser.post(f"/{stage.name}/comments/{comment}/tick", data=data).status_code == 200
    assert browser.post(f"/{stage.name}/comments/{comment}/tick", data=data).status_code == 409
    assert "- [x] Approve and run" in stage.world.comments(stage.name, number)[0]["body"]
    browser.post(f"/{stage.name}/issues/{number}/comments", data={"body": "bye", "state": "closed"})
    assert stage.world.read_issue(stage.name, number)["state"] == "closed"
    for expected in (["eyes"], []):
        browser.post(f"/{stage.name}/issues/{number}/react", data={"content": "eyes", "comment": comment})
        assert stage.world.reactions(stage.name, number, comment) == expected
    browser.post(f"/{stage.name}/issues/{number}/label", data={"label": "devtask"})
    assert stage.world.labels(stage.name, number) == ["devtask"]
    assert stage.world.wait(5)
    edited = stage.mailbox.of("issue_comment", "edited")[0]
    assert edited["changes"]["body"]["from"] == PLAN


def test_editing_and_deleting_a_comment_on_the_page(stage, browser):
    number = stage.world.issue(stage.name, "ana", "t", "body")
    comment = stage.world.comment(stage.name, number, "bea", "one")
    page = browser.get(f"/{stage.name}/issues/{number}").text
    data = {"version": version(page, 1), "body": "two"}
    browser.post(f"/{stage.name}/comments/{comment}/edit", data=data)
    assert stage.world.comments(stage.name, number)[0]["body"] == "two"
    data = {"version": version(page, 0), "title": "new title", "body": "new body"}
    assert "new title" in browser.post(f"/{stage.name}/issues/{number}/edit", data=data).text
    browser.post(f"/{stage.name}/comments/{comment}/delete")
    assert stage.world.comments(stage.name, number) == []


def test_every_page_opens_and_fits_a_phone(stage, browser):
    sha, name = stage.world.branch(stage.name, "work"), stage.name
    number = stage.world.issue(name, "ana", "t")
    api = stage.http()
    note = {"path": "src/new.py", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "bad & <b>"}
    output = {"title": "1 problem", "summary": "**sum**", "annotations": [note]}
    run = {"name": "devtask", "head_sha": sha, "conclusion": "failure", "output": output}
    run_id = api.post(stage.path("/check-runs"), json=run).json()["id"]
    pull = api.post(stage.path("/pulls"), json={"title": "p", "head": "work", "base": "main"}).json()["number"]
    pages = {
        "/": name,
        "/ana": name,
        f"/{name}": "README.md",
        f"/{name}/tree/work/src": "new.py",
        f"/{name}/blob/work/src/new.py": "x = 1",
        f"/{name}/branches": "1 ahead, 0 behind",
        f"/{name}/commits/work": "on work",
        f"/{name}/commit/{sha}": "+x = 1",
        f"/{name}/compare/main...work": "src/new.py",
        f"/{name}/issues": f"#{number}",
        f"/{name}/issues/new": "Create",
        f"/{name}/issues/{number}": "No description provided",
        f"/{name}/pulls": "p",
        f"/{name}/pull/{pull}": "Merge pull request",
        f"/{name}/runs/{run_id}": "bad &amp; &lt;b&gt;",
    }
    for path, text in pages.items():
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert text in answer.text, path
        assert 'name="viewport" content="width=device-width, initial-scale=1"' in answer.text
    assert browser.get("/_static/style.css").status_code == 200
    assert browser.get("/_avatars/1.svg").headers["content-type"] == "image/svg+xml"
    browser.post(f"/{name}/pull/{pull}/merge")
    assert stage.http().get(stage.path(f"/pulls/{pull}")).json()["merged"] is True


def test_who_is_not_signed_in_or_a_stranger_sees_nothing_private(stage):
    stage.world.user("stranger")
    with httpx.Client(base_url=stage.world.url, trust_env=False, verify=False) as client:
        assert client.get(f"/{stage.name}").status_code == 404
        client.post("/_login", data={"as": "stranger"})
        assert client.get(f"/{stage.name}/issues").status_code == 404


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a\nb", "a<br>"),
        ("~~x~~", "<s>x</s>"),
        ("see https://a.example/x?y=1.", 'href="https://a.example/x?y=1"'),
        ("hi @ana #12", '<a href="/r/issues/12"'),
        ("`@ana`", "<code>@ana</code>"),
        ("mail a@b.example", "<p>mail a@b.example</p>"),
        ("<details><summary>s</summary>\n\nx\n\n</details>", "<summary>s</summary>"),
        ("```mermaid\nA-->B\n```", '<pre class="mermaid">A--&gt;B'),
        ("- [x] done", '<input type="checkbox" class="task-box" data-box="0" checked>'),
        ("```py\nx<1\n```", '<code class="language-py">x&lt;1'),
    ],
)
def test_markdown_is_rendered_as_github_does(source, shown):
    assert shown in render(source, "/r")


@pytest.mark.parametrize(
    "source",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "<input type=checkbox>"],
)
def test_markdown_is_sanitised(source):
    html = render(source)
    assert not re.search(r"<script|onerror|href=.javascript|<input", html)


def test_boxes_are_those_that_are_rendered():
    text = "- [ ] one\n  - [x] two\n\n```\n- [ ] code\n```\n> - [ ] quoted\n\n<!-- \n- [ ] hidden\n-->\n\n1. [ ] three"
    assert [(ticked, words) for _, ticked, words in boxes(text)] == [
        (False, "one"),
        (True, "two"),
        (False, "quoted"),
        (False, "three"),
    ]
    assert render(text).count("task-box") == 4
