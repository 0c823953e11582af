"""The WSGI wrapper: every request goes through the fault rules and into the ledger; `/_rig/...` is its own surface.

`GET /_rig/ready`, `GET /_rig/ledger?path=&method=&since=&status=&limit=`, `GET POST DELETE /_rig/faults`.
"""

import io
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.test import run_wsgi_app

from devkit.rig.faults import FaultBook, rule_from_json
from devkit.rig.ledger import Entry, Ledger, redact_headers, redact_path, redact_query
from devkit.rig.wire import Answer, HangUp, apply_fault, plain

PREFIX = "/_rig/"


def read_body(environ: WSGIEnvironment) -> bytes:
    """The whole request body, chunked or sized; the connection can then carry the next request. Raises HangUp when
    the client went away in the middle of it: no service applies half a request."""
    if environ.get("wsgi.input_terminated"):
        return bytes(environ["wsgi.input"].read())
    promised = int(environ.get("CONTENT_LENGTH") or 0)
    body = bytes(environ["wsgi.input"].read(promised))
    if len(body) < promised:
        raise HangUp()
    return body


def request_headers(environ: WSGIEnvironment) -> dict[str, str]:
    """The request's headers by their lower-case names."""
    named = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
    named.update({key: environ[key] for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key)})
    return {key.lower().replace("_", "-"): str(value) for key, value in named.items()}


def call_app(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """The application's answer; complete where it says its length, else still streaming."""
    chunks, status, headers = run_wsgi_app(app, environ)
    found: Iterable[bytes] = list(chunks) if "Content-Length" in headers else chunks
    return Answer(int(status.split(" ", 1)[0]), list(headers), found)


class Rig:
    """A WSGI application around another; `ledger` and `faults` may be used directly by a test in the same process."""

    def __init__(self, app: WSGIApplication, name: str, data: Path | None = None) -> None:
        self.app = app
        self.name = name
        self.ledger = Ledger(data)
        self.faults = FaultBook()
        self._unanswered: set[int] = set()

    @property
    def idle(self) -> bool:
        """Whether nothing is being answered: a client that gave up leaves its request behind, and that is answered."""
        return not self._unanswered

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = read_body(environ)
        if environ["PATH_INFO"].startswith(PREFIX):
            answer = self._control(environ, body)
            start_response(answer.status_line, answer.headers)
            return answer.chunks
        environ["wsgi.input"] = io.BytesIO(body)
        environ["wsgi.input_terminated"] = True
        environ["CONTENT_LENGTH"] = str(len(body))
        return self._answered(environ, body, start_response)

    def _answered(self, environ: WSGIEnvironment, body: bytes, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        entry = self._arrived(environ, body)
        self._unanswered.add(entry.id)
        rule = self.faults.take(entry.method, environ["PATH_INFO"], body)
        entry.fault = rule.kind if rule else None
        try:
            answer = apply_fault(rule, lambda: call_app(self.app, environ)) if rule else call_app(self.app, environ)
            entry.status = answer.status
        finally:
            if entry.status is None:
                self._finish(entry, started)
        start_response(answer.status_line, answer.headers)
        if isinstance(answer.chunks, list):
            entry.response = b"".join(answer.chunks)
            self._finish(entry, started)
            return [entry.response]
        self.ledger.write(entry)
        return self._streamed(entry, answer.chunks, started)

    def _streamed(self, entry: Entry, chunks: Iterable[bytes], started: float) -> Iterator[bytes]:
        sent = []
        try:
            for chunk in chunks:
                sent.append(chunk)
                yield chunk
        finally:
            if close := getattr(chunks, "close", None):
                close()
            entry.response = b"".join(sent)
            self._finish(entry, started)

    def _arrived(self, environ: WSGIEnvironment, body: bytes) -> Entry:
        return Entry(
            id=self.ledger.next_id(),
            at=time.time(),
            service=self.name,
            method=environ["REQUEST_METHOD"],
            path=redact_path(environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")),
            query=redact_query(environ.get("QUERY_STRING", "")),
            headers=redact_headers(request_headers(environ)),
            body=body,
        )

    def _finish(self, entry: Entry, started: float) -> None:
        entry.duration_ms = round((time.perf_counter() - started) * 1000, 3)
        self.ledger.write(entry)
        self._unanswered.discard(entry.id)

    def _control(self, environ: WSGIEnvironment, body: bytes) -> Answer:
        method, what = environ["REQUEST_METHOD"], environ["PATH_INFO"][len(PREFIX) :]
        query = {key: values[-1] for key, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        try:
            if (method, what) == ("GET", "ready"):
                return _json({"service": self.name, "ready": True})
            if (method, what) == ("GET", "ledger"):
                return _json([entry.to_json() for entry in self.ledger.read(**ledger_filter(query))])
            if what == "faults":
                return self._faults(method, body, query)
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        return _json({"error": f"no {method} {PREFIX}{what} here"}, 404)

    def _faults(self, method: str, body: bytes, query: dict[str, str]) -> Answer:
        if method == "POST":
            return _json({"id": self.faults.add(rule_from_json(json.loads(body)))}, 201)
        if method == "DELETE":
            self.faults.clear(int(query["id"]) if "id" in query else None)
        return _json(self.faults.to_json())


def ledger_filter(query: dict[str, str]) -> dict[str, Any]:
    """The arguments of `Ledger.read` in a query string. Raises ValueError on others and on numbers that are none."""
    numbers, texts = {"since", "status", "limit"}, {"path", "method"}
    if unknown := set(query) - numbers - texts:
        raise ValueError(f"unknown filters {sorted(unknown)}")
    return {key: int(value) if key in numbers else value for key, value in query.items()}


def _json(data: Any, status: int = 200) -> Answer:
    return plain(status, json.dumps(data).encode())
