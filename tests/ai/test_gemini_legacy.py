"""The old library behind the same port: one message, structured answers."""

import json
import warnings
from datetime import date

import pytest

from ai.limits import Exit
from ai.loop import Loop
from ai.port import Patience, Refused, Retryable, SpendCap, Stop, UnknownModel
from ai.prices import price
from ai.providers.factory import Access, check_models, make_provider
from ai.providers.gemini_legacy import GeminiLegacy
from ai.trajectory import Trajectory
from devkit.rig.script import Script
from state.settings import Process, load_settings
from tests.ai.kit import QUICK, Box, asker, gemini, hello, posted, talk

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("google.generativeai")


def said(*calls, text="so"):
    return json.dumps({"text": text, "calls": [{"name": name, "args": args} for name, args in calls]})


REPLIES = [
    ("calls", said(("look", {"path": "a"}), ("look", {"path": "b"})), Stop.CALLS),
    ("no calls", said(), Stop.END),
    ("prose", "I would look at a.", Stop.MALFORMED),
    ("a cut object", said(("look", {"path": "a"}))[:-4], Stop.MALFORMED),
    ("a list", "[1]", Stop.MALFORMED),
    ("a cut answer", {"content": ["x"], "stop": "MAX_TOKENS"}, Stop.LENGTH),
    ("safety", {"content": [], "stop": "SAFETY"}, Stop.REFUSED),
    ("a recitation", {"content": [], "stop": "RECITATION"}, Stop.RECITED),
    ("nothing", {"content": [], "stop": "STOP"}, Stop.EMPTY),
    ("a blocked prompt", {"block_reason": "OTHER"}, Stop.BLOCKED),
]


def legacy(server, model="gemini-3-flash-preview", patience=QUICK):
    return GeminiLegacy(model, "k", server.url, patience)


@pytest.mark.parametrize(("what", "answer", "stop"), REPLIES, ids=[row[0] for row in REPLIES])
def test_each_reply_is_read_as_what_it_is(what, answer, stop):
    with gemini(Script.from_rules({"when": {}, "answer": answer})) as (_, server):
        assert legacy(server).reply(hello()).stop is stop


def test_a_whole_conversation_goes_through_the_loop(tmp_path):
    script = Script.in_order(said(("look", {"path": "a"}), ("look", {"path": "x"})), said(("stop", {"word": "w"})))
    with gemini(script) as (_, server):
        provider = legacy(server)
        ended = Loop(talk(provider), asker(provider), Box({"a": "A"}), Trajectory(tmp_path / "t", str)).run()
        first, second = posted(server)
    text = second["contents"][0]["parts"][0]["text"]
    assert ended.exit is Exit.DONE and len(second["contents"]) == 1
    assert "Result 1 of look:\nA" in text and "Result 2 of look (error):\nno x" in text
    assert text.startswith(first["contents"][0]["parts"][0]["text"])


def test_an_unknown_model_and_a_busy_service_are_told():
    with gemini(Script.from_rules({"when": {}, "answer": {"error": "overloaded"}})) as (_, server):
        with pytest.raises(UnknownModel):
            legacy(server, "gemini-0").reply(hello())
        with pytest.raises(Retryable):
            legacy(server, patience=Patience(timeout=0.3, first_wait=0.01)).reply(hello())


@pytest.mark.parametrize(("error", "kind"), [("spend_cap", SpendCap), ("auth", Refused), ("permission", Refused)])
def test_a_service_that_refuses_us_is_asked_once(error, kind):
    with gemini(Script.from_rules({"when": {}, "answer": {"error": error}})) as (_, server):
        with pytest.raises(kind):
            legacy(server).reply(hello())
        assert len(posted(server)) == 1


def test_the_old_library_is_chosen_by_a_setting_and_has_the_same_prices():
    known = load_settings(Process.TOOL, {"MODELS": '{"executor": "gemini-legacy:gemini-3.8-flash"}'})
    check_models(known.models, date(2027, 1, 2))
    made = make_provider(known.models["executor"], Access(google_key="k"))
    assert (made.provider, made.model) == ("gemini-legacy", "gemini-3.8-flash")
    for model in ("gemini-3.8-flash", "gemini-3-flash-preview"):
        for day in (date(2026, 11, 21), date(2027, 1, 2)):
            assert price(f"gemini-legacy:{model}", day).rates == price(f"gemini:{model}", day).rates


def test_nobody_at_the_door_is_told():
    with pytest.raises(Retryable):
        GeminiLegacy("gemini-3-flash-preview", "k", "http://127.0.0.1:9", Patience(timeout=0.2)).reply(hello())
