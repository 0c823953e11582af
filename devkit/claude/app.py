"""The routes: /v1/messages, /v1/messages/count_tokens, /v1/models, and /_script for what the model says."""

import time
from collections.abc import Collection, Iterator
from typing import Any

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue

from devkit.claude.cache import PromptCache, prompt_tokens
from devkit.claude.conversation import seen_from
from devkit.claude.errors import Refusal, new_id, scripted_refusal
from devkit.claude.message import events, message, sse, stream_error, without_raw
from devkit.claude.models import MODELS, Model
from devkit.claude.validate import VERSIONS, check_request, known_model
from devkit.rig.answer import Answer, StreamFault
from devkit.rig.script import Script
from devkit.rig.script_routes import script_routes
from devkit.rig.wire import HangUp


class Claude:
    """What the service remembers between requests: its script and its prompt cache."""

    def __init__(self, script: Script, keys: Collection[str] | None) -> None:
        self.script = script
        self.keys = keys
        self.cache = PromptCache()

    def authorize(self) -> None:
        """Raise the 401 of a missing or wrong key. x-api-key wins over Authorization, as in the service."""
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        key = request.headers.get("x-api-key") or bearer
        if not key:
            raise Refusal("x-api-key header is required", 401)
        if key.startswith("invalid") or (self.keys is not None and key not in self.keys):
            raise Refusal("invalid x-api-key" if request.headers.get("x-api-key") else "invalid bearer token", 401)
        version = request.headers.get("anthropic-version")
        if version not in VERSIONS:
            missing = "anthropic-version: header is required"
            raise Refusal(f'anthropic-version: "{version}" is not a valid version' if version else missing)

    def body(self) -> dict[str, Any]:
        """The request's JSON. Raises Refusal."""
        given = request.get_json(force=True, silent=True)
        if not isinstance(given, dict):
            raise Refusal("The request body is not valid JSON")
        return given

    def answer(self, body: dict[str, Any]) -> tuple[Answer, dict[str, Any]]:
        """The script's answer to a valid request and the Message made of it. Raises Refusal."""
        model = known_model(body)
        found = self.script.reply(seen_from(body))
        if found is None:
            raise Refusal("the stand-in's script has no answer to this request; see GET /_script")
        time.sleep(found.delay)
        if found.error is not None:
            raise scripted_refusal(found.error)
        usage = self.cache.count(body, model).to_json()
        return found, message(found, body, usage)


def make_app(script: Script, keys: Collection[str] | None = None) -> Flask:
    """The service. Without `keys` it takes every key that does not begin with `invalid`."""
    app = Flask("devkit.claude")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    claude = Claude(script, keys)
    app.register_blueprint(script_routes(script))
    app.before_request(_name_request)
    app.after_request(_add_headers)
    app.register_error_handler(
        Refusal, lambda refusal: (refusal.to_json(g.request_id), refusal.status, refusal.headers)
    )
    app.register_error_handler(404, lambda _: (Refusal("Not Found", 404).to_json(g.request_id), 404))
    app.register_error_handler(405, lambda _: (Refusal("Method Not Allowed", 405).to_json(g.request_id), 405))
    _message_routes(app, claude)
    _model_routes(app, claude)
    return app


def _name_request() -> None:
    g.request_id = new_id("req")


def _add_headers(response: Response) -> Response:
    response.headers["request-id"] = g.request_id
    return response


def _message_routes(app: Flask, claude: Claude) -> None:
    @app.post("/v1/messages")
    def create() -> ResponseReturnValue:
        claude.authorize()
        body = claude.body()
        check_request(body, request.headers["anthropic-version"])
        answer, full = claude.answer(body)
        if not body.get("stream"):
            return without_raw(full)
        return Response(_streamed(full, answer.stream, g.request_id), content_type="text/event-stream; charset=utf-8")

    @app.post("/v1/messages/count_tokens")
    def count() -> ResponseReturnValue:
        claude.authorize()
        body = claude.body()
        check_request(body, request.headers["anthropic-version"], counting=True)
        return {"input_tokens": prompt_tokens(body)}


def _streamed(full: dict[str, Any], fault: StreamFault, request_id: str) -> Iterator[bytes]:
    for number, (name, data) in enumerate(events(full)):
        if number == fault.cut_after:
            return
        if number == fault.drop_after:
            raise HangUp()
        if number == fault.error_after:
            yield stream_error(Refusal("Overloaded", 529), request_id)
            return
        time.sleep(fault.pause)
        yield sse(name, data)


def _model_routes(app: Flask, claude: Claude) -> None:
    @app.get("/v1/models")
    def models() -> ResponseReturnValue:
        claude.authorize()
        data = [_model_json(model) for model in MODELS.values()]
        return {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}

    @app.get("/v1/models/<name>")
    def model(name: str) -> ResponseReturnValue:
        claude.authorize()
        return _model_json(known_model({"model": name}))


def _model_json(model: Model) -> dict[str, Any]:
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.id.replace("-", " ").title(),
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": model.context,
        "max_tokens": model.max_output,
    }
