"""Reading webhook payloads: the published examples, hostile shapes, and a fuzzer."""

import contextlib
import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghapp.events import BadPayload, Kind, parse_json, read

# npm @octokit/webhooks-examples 7.6.1 (MIT), one or more payloads of every event, url fields left out.
EXAMPLES = json.loads((Path(__file__).parent / "data" / "webhook_examples.json").read_text())
ACTING = [row for row in EXAMPLES if read(row["event"], row["payload"])]
COMMENT = next(row["payload"] for row in ACTING if row["payload"]["action"] == "created")
EDITED = next(
    row["payload"] for row in ACTING if row["event"] == "issue_comment" and "body" in row["payload"].get("changes", {})
)


def test_every_published_event_is_read_without_an_error():
    assert len({row["event"] for row in EXAMPLES}) == 58
    kinds = {read(row["event"], row["payload"]).kind for row in ACTING}
    assert kinds >= set(Kind) - {Kind.ISSUE_CLOSED}


def test_a_comment_is_read_into_the_fields_that_are_used():
    seen = read("issue_comment", COMMENT)
    assert seen is not None and seen.comment is not None
    assert (seen.kind, seen.repo.full_name, seen.repo.id) == (Kind.COMMENT_CREATED, "Codertocat/Hello-World", 186853002)
    assert (seen.issue.number, seen.issue.is_pr, seen.issue.locked, seen.issue.state) == (1, False, False, "open")
    assert seen.comment.body == "You are totally right! I'll get this fixed right away."
    assert seen.comment.created_at == datetime(2019, 5, 15, 15, 20, 21, tzinfo=UTC)
    assert (seen.sender.id, seen.sender.login, seen.sender.type) == (21031067, "Codertocat", "User")


def test_an_edit_carries_the_text_before_it():
    seen = read("issue_comment", EDITED)
    assert seen is not None and seen.body_from == EDITED["changes"]["body"]["from"]


def test_a_comment_on_a_pull_request_says_so():
    payload = changed(COMMENT, ("issue", "pull_request"), {"url": "x"})
    seen = read("issue_comment", payload)
    assert seen is not None and seen.issue.is_pr


def test_a_deleted_account_leaves_no_author():
    seen = read("issue_comment", changed(COMMENT, ("comment", "user"), None))
    assert seen is not None and seen.comment is not None and seen.comment.author is None


def changed(payload, path, value):
    payload = copy.deepcopy(payload)
    *parents, last = path
    inner = payload
    for name in parents:
        inner = inner[name]
    inner[last] = value
    return payload


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("comment",), None),
        (("comment", "id"), "7"),
        (("comment", "id"), -1),
        (("comment", "id"), 2**63),
        (("comment", "id"), True),
        (("comment", "created_at"), "yesterday"),
        (("comment", "created_at"), "2019-05-15T15:20:21"),
        (("issue",), []),
        (("issue", "number"), 0),
        (("issue", "title"), None),
        (("repository",), None),
        (("repository", "full_name"), "../../etc"),
        (("repository", "full_name"), "a/b/c"),
        (("repository", "full_name"), "a b/c"),
        (("sender",), None),
        (("sender", "login"), "x/../y"),
        (("sender", "login"), "a\nb"),
        (("installation",), {"id": "1"}),
    ],
)
def test_a_missing_or_odd_needed_field_is_a_bad_payload(path, value):
    with pytest.raises(BadPayload):
        read("issue_comment", changed(COMMENT, path, value))


@pytest.mark.parametrize("payload", [None, [], "x", 7, {}, {"action": []}, {"action": "created"}])
def test_events_nothing_acts_on_read_as_none_whatever_they_hold(payload):
    assert read("star", payload) is None
    assert read("no_such_event", payload) is None


def test_nul_and_half_surrogates_never_reach_the_database():
    seen = read("issue_comment", changed(COMMENT, ("comment", "body"), "a\0b\ud800c"))
    assert seen is not None and seen.comment is not None and seen.comment.body == "ab?c"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe\xff", b"[" * 1_000_000, b'{"a":' * 1_000_000, b"9" * 5000, b"payload=%7B%7D", b'{"a":1}x'],
    ids=["empty", "cut", "not utf-8", "deep list", "deep object", "huge number", "form", "trailing"],
)
def test_a_body_that_is_not_sane_json_is_a_bad_payload(raw):
    with pytest.raises(BadPayload):
        parse_json(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
PATHS = [(a, b) for a in ("issue", "comment", "repository", "sender") for b in COMMENT[a]] + [(a,) for a in COMMENT]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ACTING), st.sampled_from(PATHS), JSON)
def test_a_mutated_payload_is_read_or_refused_and_nothing_else(row, path, value):
    payload = row["payload"]
    if len(path) > 1 and not isinstance(payload.get(path[0]), dict):
        return
    with contextlib.suppress(BadPayload):
        read(row["event"], changed(payload, path, value))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused_and_nothing_else(raw):
    with contextlib.suppress(BadPayload):
        read("issue_comment", parse_json(raw))
