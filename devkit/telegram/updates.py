"""How updates reach a bot: long polling with getUpdates, or a POST to its webhook."""

import json
import threading
import time
from typing import Any

import httpx

from devkit.telegram.errors import Refusal
from devkit.telegram.store import Data, Store

MAX_POLL_SECONDS = 50


class Poller:
    """getUpdates for one bot: the newest poll ends an older one that still waits, as Telegram does."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._newest = 0

    def get(self, given: Data) -> list[Data]:
        """The updates from `offset` on, waiting up to `timeout` seconds for the first. Raises Refusal."""
        if self.store.setting("webhook").get("url"):
            raise Refusal(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                409,
            )
        offset, limit = int(given.get("offset") or 0), min(100, int(given.get("limit") or 100))
        wait = min(MAX_POLL_SECONDS, float(given.get("timeout") or 0))
        kinds = _kinds(given.get("allowed_updates"))
        deadline = time.monotonic() + wait
        with self.store.arrived:
            self._newest += 1
            mine = self._newest
            self.store.arrived.notify_all()
            while True:
                if mine != self._newest:
                    raise Refusal(
                        "terminated by other getUpdates request; make sure that only one bot instance is running", 409
                    )
                found = self._matching(offset, limit, kinds)
                left = deadline - time.monotonic()
                if found or left <= 0:
                    return found
                self.store.arrived.wait(left)

    def _matching(self, offset: int, limit: int, kinds: set[str]) -> list[Data]:
        return [item for item in self.store.updates(offset, limit) if not kinds or kinds & set(item)]


def _kinds(given: Any) -> set[str]:
    return set(json.loads(given) if isinstance(given, str) else given or [])


def deliver(store: Store) -> None:
    """POST what waits to the webhook, if there is one, in the background; an error is kept for getWebhookInfo."""
    if store.setting("webhook").get("url"):
        threading.Thread(target=_post_waiting, args=(store,), name="telegram-webhook", daemon=True).start()


def _post_waiting(store: Store) -> None:
    webhook = store.setting("webhook")
    secret = webhook.get("secret_token")
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    for update in store.updates(0, 100):
        try:
            httpx.post(webhook["url"], json=update, headers=headers, timeout=10).raise_for_status()
        except httpx.HTTPError as error:
            failed = {"last_error_message": str(error), "last_error_date": int(time.time())}
            store.set("webhook", {**webhook, **failed})
            return
        store.drop_update(update["update_id"])
