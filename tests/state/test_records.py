from datetime import timedelta

from state.clock import clock
from state.db.engine import write
from state.store import artifacts, events, links, markers, records, talk, values
from tests.state.kit import executing, new_task

OP = "0123456789abcdef" * 2


def test_a_link_is_set_once_and_replaced_in_place(engine):
    with write(engine) as session:
        assert links.get_link(session, "task", "t1", "jira", "SHOP") is None
        links.set_link(session, "task", "t1", "jira", 11, project_key="SHOP", external_key="SHOP-11")
        links.set_link(session, "task", "t1", "jira", 12, project_key="SHOP", external_key="SHOP-12")
        assert links.get_link(session, "task", "t1", "jira", "SHOP") == links.Link("12", "SHOP-12")
        assert links.find_local(session, "jira", 12, "task", "SHOP") == "t1"
        links.drop_link(session, "task", "t1", "jira", "SHOP")
        assert links.find_local(session, "jira", 12, "task", "SHOP") is None


def test_the_last_fifty_bodies_of_a_comment_are_known_whatever_its_line_ends(engine):
    with write(engine) as session:
        for number in range(52):
            links.sent(session, 7, 991, f"body {number}\nline\n")
        assert not links.was_sent(session, 7, 991, "body 1\nline\n")
        assert links.was_sent(session, 7, 991, "body 2\r\nline")
        assert not links.was_sent(session, 7, 992, "body 2\nline\n")
        assert links.last_sent(session, 7, 991) == "body 51\nline\n"
        assert clock() - links.last_sent_at(session, 7, 991) < timedelta(minutes=1)
        assert links.last_sent_at(session, 7, 992) is None


def test_a_marker_names_its_operation_and_cannot_be_forged(engine):
    with write(engine) as session:
        key = values.marker_key(session)
    with write(engine) as session:
        assert values.marker_key(session) == key
    body = f"Plan ready\n\n{markers.make(key, OP)}"
    assert markers.found(key, body) == OP
    assert markers.found(b"other", body) is None
    assert markers.found(key, f"<!-- devtask:op={OP} sig=0000000000000000 -->") is None
    assert markers.strip(body) == "Plan ready"


def test_a_quoted_marker_does_not_hide_our_own():
    quoted = markers.make(b"k", "f" * 32)
    assert markers.found(b"k", f"> {quoted}\nanswer\n{markers.make(b'k', OP)}") == OP


def test_outputs_are_kept_compressed_and_without_their_middle_when_too_long(engine):
    with write(engine) as session:
        task = new_task(session)
        short = artifacts.add(session, task.id, "log", "pytest", "ok\n")
        long = artifacts.add(session, task.id, "log", "huge", b"A" * 600 + b"B" * 600, cap=1000)
        assert artifacts.content(session, short) == b"ok\n"
        assert artifacts.content(session, long) == b"A" * 500 + b"\n[... 200 bytes left out ...]\n" + b"B" * 500
        assert artifacts.content(session, "none") is None
        assert [(a.name, a.size, a.truncated) for a in artifacts.of_task(session, task.id)] == [
            ("pytest", 3, False),
            ("huge", 1200, True),
        ]


def test_checkpoints_are_numbered_per_task(engine):
    with write(engine) as session:
        task = new_task(session)
        first = records.add_checkpoint(session, task.id, {"current_step": 1}, {"branch": "feature/x"})
        second = records.add_checkpoint(session, task.id, {"current_step": 2}, {"branch": "feature/x"})
        assert (first.name, second.name) == ("cp-001", "cp-002")
        assert records.last_checkpoint(session, task.id) == second
        assert [e.event for e in events.latest(session, task.id, 2)] == ["CHECKPOINT_CREATED"] * 2


def test_a_pause_keeps_the_state_of_the_steps_until_it_ends(engine):
    with write(engine) as session:
        task = executing(session)
        kept = records.add_snapshot(session, task.id, "user", "lunch", plan_version=1, wip_sha="abc")
        assert records.last_snapshot(session, task.id) == kept
        assert kept.steps_state["s01"]["status"] == "pending"
        records.resumed(session, task.id)
        assert records.last_snapshot(session, task.id) is None


def test_conversations_and_notifications_are_read_back_in_order(engine):
    with write(engine) as session:
        task = new_task(session)
        talk.say(session, "user", "add validation", task_id=task.id, author="ana", intent="TASK_NEW")
        talk.say(session, "assistant", "plan ready", task_id=task.id)
        assert [m.content for m in talk.conversation(session, task.id)] == ["add validation", "plan ready"]
        first = talk.notify(session, task.id, "ana", "PLAN_GENERATED", "plan ready")
        talk.notify(session, task.id, "ana", "COMPLETED", "done")
        assert talk.mark_read(session, "ana", first) == 1
        assert [n.message for n in talk.notices(session, "ana")] == ["done"]


def test_a_stream_of_events_can_be_resumed(engine):
    with write(engine) as session:
        task = executing(session)
        seen = events.after(session, task_id=task.id, limit=2)
        rest = events.after(session, seen[-1].id)
        assert [e.id for e in seen + rest] == [e.id for e in events.after(session)]
