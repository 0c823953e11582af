"""The anchor of P1: what a gate costs that checks the signature and stores nothing."""

import hashlib
import hmac
import os

from flask import Flask, Response, request

SECRET = os.environ.get("GITHUB_WEBHOOK_SECRET", "bench").encode()
app = Flask(__name__)


@app.post("/webhook")
def webhook() -> Response:
    wanted = "sha256=" + hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, request.headers.get("X-Hub-Signature-256", "")):
        return Response(status=401)
    return Response(status=202)
