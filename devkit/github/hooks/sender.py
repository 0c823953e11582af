"""Deliveries: made in the request that caused them, then sent in parallel and logged; never repeated by themselves."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from devkit.github.model import App, Delivery, Installation, Json, now

if TYPE_CHECKING:
    import httpx

    from devkit.github.hub import Hub


def signature(secret: str, body: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"


def hook_headers(app: App, event: str, guid: str, installation: Installation | None, body: bytes) -> dict[str, str]:
    """The headers of a delivery, signatures only where a secret is set."""
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": f"GitHub-Hookshot/{hashlib.sha1(b'hook', usedforsecurity=False).hexdigest()[:7]}",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(app.hook_id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    if app.hook_secret:
        headers["X-Hub-Signature"] = signature(app.hook_secret, body, "sha1")
        headers["X-Hub-Signature-256"] = signature(app.hook_secret, body)
    return headers


class Sender:
    """Sends deliveries with a pool of threads; each is cut off after ``hook_timeout`` seconds."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._pool = ThreadPoolExecutor(max_workers=hub.settings.hook_workers, thread_name_prefix="hook")
        self._timers: set[threading.Timer] = set()
        self._pending = 0
        self._idle = threading.Condition()
        self._client: httpx.Client | None = None

    def send(
        self, event: str, payload: Json, installation: Installation | None, repo_id: int | None
    ) -> Delivery | None:
        """Log and send one delivery; None when the App has no address or webhooks are off."""
        hub = self._hub
        if not hub.app.hook_url or not hub.settings.hooks_on:
            return None
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        guid = str(uuid.uuid4())
        headers = hook_headers(hub.app, event, guid, installation, text.encode())
        row = Delivery(
            hub.store.next_id(),
            guid,
            event,
            payload.get("action"),
            text,
            headers,
            installation.id if installation else None,
            repo_id,
        )
        hub.store.deliveries.save(row)
        self._schedule(row)
        return row

    def redeliver(self, old: Delivery) -> Delivery:
        """The same GUID and bytes once more, as a delivery of its own, at the address of now."""
        row = Delivery(**{**vars(old), "id": self._hub.store.next_id(), "redelivery": True})
        row.status, row.status_code, row.delivered, row.response_body = "pending", 0, None, ""
        app = self._hub.app
        installation = self._hub.store.installations.get(row.installation_id or 0)
        row.request_headers = hook_headers(app, row.event, row.guid, installation, row.payload.encode())
        self._hub.store.deliveries.save(row)
        self._schedule(row)
        return row

    def wait(self, seconds: float) -> bool:
        """Whether everything was sent within ``seconds``."""
        with self._idle:
            return self._idle.wait_for(lambda: self._pending == 0, seconds)

    def close(self) -> None:
        for timer in list(self._timers):
            timer.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def _schedule(self, row: Delivery) -> None:
        with self._idle:
            self._pending += 1
        settings = self._hub.settings
        delay = settings.hook_delay + random.random() * settings.hook_jitter
        if delay <= 0:
            self._pool.submit(self._deliver, row)
            return
        timer = threading.Timer(delay, self._deliver, [row])
        timer.daemon = True
        self._timers.add(timer)
        timer.start()

    def _deliver(self, row: Delivery) -> None:
        started = time.perf_counter()
        try:
            self._post(row)
        finally:
            row.duration = round(time.perf_counter() - started, 2)
            row.delivered = now()
            self._hub.store.deliveries.save(row)
            with self._idle:
                self._pending -= 1
                self._idle.notify_all()

    def _post(self, row: Delivery) -> None:
        import httpx

        if self._client is None:
            self._client = httpx.Client(trust_env=False, verify=False, limits=httpx.Limits(max_keepalive_connections=8))
        try:
            answer = self._client.post(
                self._hub.app.hook_url,
                content=row.payload.encode(),
                headers=row.request_headers,
                timeout=self._hub.settings.hook_timeout,
            )
        except httpx.TimeoutException:
            row.status, row.status_code = "timed out", 504
        except httpx.TransportError:
            row.status, row.status_code = "failed to connect to host", 502
        else:
            row.status = "OK" if answer.is_success else f"Invalid HTTP Response: {answer.status_code}"
            row.status_code = answer.status_code
            row.response_headers, row.response_body = dict(answer.headers), answer.text[:65536]
