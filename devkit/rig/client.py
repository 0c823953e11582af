"""Reading a stand-in's ledger and setting its faults from another process or a test."""

import functools
import ssl
import time
from typing import Any

import httpx

from devkit.rig.ledger import Entry


@functools.cache
def _no_tls() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def loopback_client(url: str, timeout: float = 10.0) -> httpx.Client:
    """A client for plain HTTP on loopback: no proxy, and none of the 30 ms that reading the CA bundle takes."""
    return httpx.Client(base_url=url, timeout=timeout, trust_env=False, verify=_no_tls())


class RigClient:
    """Speaks `/_rig/...` of the stand-in at `url`. Raises httpx errors, and ValueError with the stand-in's reason."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def wait_ready(self, seconds: float = 10.0) -> None:
        """Return when the stand-in answers. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with loopback_client(self.url, timeout=1) as client:
                    if client.get("/_rig/ready").status_code == 200:
                        return
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError(f"{self.url} did not answer within {seconds} s")

    def ledger(
        self,
        path: str | None = None,
        method: str | None = None,
        since: int = 0,
        status: int | None = None,
    ) -> list[Entry]:
        """Requests with an id above `since`, oldest first; `path` is a regular expression."""
        given = {"path": path, "method": method, "since": since, "status": status}
        params = {key: value for key, value in given.items() if value is not None}
        return [Entry.from_json(item) for item in self._ask("GET", "ledger", params=params)]

    def fault(self, kind: str, path: str = "", **rule: Any) -> int:
        """Add a rule (fields of `FaultRule`); returns its id."""
        return int(self._ask("POST", "faults", json={"kind": kind, "path": path, **rule})["id"])

    def faults(self) -> list[dict[str, Any]]:
        """All rules with the counters `seen` and `fired`."""
        return list(self._ask("GET", "faults"))

    def clear(self, rule_id: int | None = None) -> None:
        """Remove one rule, or all."""
        self._ask("DELETE", "faults", params={} if rule_id is None else {"id": rule_id})

    def _ask(self, method: str, what: str, **options: Any) -> Any:
        with loopback_client(self.url) as client:
            answer = client.request(method, f"/_rig/{what}", **options)
        if answer.status_code == 400:
            raise ValueError(answer.json()["error"])
        answer.raise_for_status()
        return answer.json()
