"""The routes: models/{model}:generateContent, :streamGenerateContent, :countTokens, the model list, and /_script."""

import json
import time
from collections.abc import Collection, Iterator
from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from devkit.gemini.conversation import camel, every_piece, seen_from
from devkit.gemini.errors import BAD_KEY, Refusal, scripted_refusal
from devkit.gemini.models import CONTEXT, MAX_OUTPUT, MODELS, Model
from devkit.gemini.reply import PrefixCache, chunks, response, sse
from devkit.gemini.validate import check_request
from devkit.rig.answer import StreamFault
from devkit.rig.script import Script, tokens_of
from devkit.rig.script_routes import script_routes
from devkit.rig.wire import HangUp

VERSIONS = ("v1beta", "v1", "v1alpha")


class Gemini:
    """What the service remembers between requests: its script and its prefix cache."""

    def __init__(self, script: Script, keys: Collection[str] | None) -> None:
        self.script = script
        self.keys = keys
        self.cache = PrefixCache()

    def authorize(self) -> None:
        """Raise the 403 of a missing key, the 400 of a wrong one."""
        key = request.headers.get("x-goog-api-key") or request.args.get("key")
        if not key:
            raise Refusal(
                "Method doesn't allow unregistered callers (callers without established identity). Please use API Key "
                "or other form of API consumer identity to call this API.",
                403,
            )
        if key.startswith("invalid") or (self.keys is not None and key not in self.keys):
            raise Refusal("API key not valid. Please pass a valid API key.", 400, BAD_KEY)

    def generate(self, model: Model, body: dict[str, Any]) -> tuple[dict[str, Any], StreamFault]:
        """The whole response to a request, and what shall happen to its stream. Raises Refusal."""
        check_request(body, model)
        answer = self.script.reply(seen_from(model.id, body))
        if answer is None:
            raise Refusal("the stand-in's script has no answer to this request; see GET /_script")
        time.sleep(answer.delay)
        if answer.error is not None:
            raise scripted_refusal(answer.error)
        return response(answer, body, model, self.cache.count(model.id, body)), answer.stream


def known_model(name: str, method: str) -> Model:
    """The model. Raises the 404."""
    if name not in MODELS:
        raise Refusal(
            f"models/{name} is not found for API version v1beta, or is not supported for {method}. Call ListModels to "
            "see the list of available models and their supported methods.",
            404,
        )
    return MODELS[name]


def read_body() -> dict[str, Any]:
    """The request's JSON with its names in camelCase. Raises Refusal."""
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise Refusal("Invalid JSON payload received. Unexpected end of string.")
    return dict(camel(given))


def make_app(script: Script, keys: Collection[str] | None = None) -> Flask:
    """The service. Without `keys` it takes every key that does not begin with `invalid`."""
    app = Flask("devkit.gemini")
    gemini = Gemini(script, keys)
    app.register_blueprint(script_routes(script))
    app.register_error_handler(Refusal, lambda refusal: (refusal.to_json(), refusal.code))
    app.register_error_handler(404, lambda _: (Refusal("Not Found", 404).to_json(), 404))

    @app.post("/<any({}):version>/models/<name>:<method>".format(", ".join(VERSIONS)))
    def call(version: str, name: str, method: str) -> ResponseReturnValue:
        gemini.authorize()
        model = known_model(name, method)
        body = read_body()
        match method:
            case "generateContent":
                return gemini.generate(model, body)[0]
            case "streamGenerateContent":
                return _stream(*gemini.generate(model, body))
            case "countTokens":
                return _count(body)
        raise Refusal(f"Unknown method {method}", 404)

    @app.get("/<any({}):version>/models".format(", ".join(VERSIONS)))
    def models(version: str) -> ResponseReturnValue:
        gemini.authorize()
        return {"models": [_model_json(model) for model in MODELS.values()]}

    @app.get("/<any({}):version>/models/<name>".format(", ".join(VERSIONS)))
    def model(version: str, name: str) -> ResponseReturnValue:
        gemini.authorize()
        return _model_json(known_model(name, "getModel"))

    return app


def _count(body: dict[str, Any]) -> dict[str, Any]:
    whole = body.get("generateContentRequest") or body
    return {"totalTokens": sum(tokens_of(piece) for piece in every_piece(whole))}


def _stream(full: dict[str, Any], fault: StreamFault) -> Response:
    if request.args.get("alt") != "sse":
        return Response(json.dumps(list(chunks(full))), content_type="application/json; charset=UTF-8")
    return Response(_events(full, fault), content_type="text/event-stream")


def _events(full: dict[str, Any], fault: StreamFault) -> Iterator[bytes]:
    for number, chunk in enumerate(chunks(full)):
        if number == fault.cut_after:
            return
        if number == fault.drop_after:
            raise HangUp()
        if number == fault.error_after:
            yield sse(Refusal("The model is overloaded. Please try again later.", 503).to_json())
            return
        time.sleep(fault.pause)
        yield sse(chunk)


def _model_json(model: Model) -> dict[str, Any]:
    return {
        "name": f"models/{model.id}",
        "displayName": model.id.replace("-", " ").title(),
        "version": "001",
        "inputTokenLimit": CONTEXT,
        "outputTokenLimit": MAX_OUTPUT,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "thinking": True,
    }
