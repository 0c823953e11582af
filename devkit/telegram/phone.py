"""A person with a phone, for tests and the demo: writes, clicks, reads, over HTTP."""

from typing import Any

from devkit.rig import loopback_client


class Phone:
    """Speaks `/_telegram/...` of the stand-in at `url`. Raises httpx errors, ValueError with the stand-in's reason."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def writes(self, chat_id: int, text: str, **sender: Any) -> dict[str, Any]:
        """Write into a chat; returns the update that the bot gets."""
        return self._post("messages", {"chat_id": chat_id, "text": text, "from": sender})

    def clicks(self, chat_id: int, message_id: int, data: str, **sender: Any) -> dict[str, Any]:
        """Click a button; returns the update that the bot gets."""
        return self._post("clicks", {"chat_id": chat_id, "message_id": message_id, "data": data, "from": sender})

    def sets_chat(self, chat_id: int, **chat: Any) -> dict[str, Any]:
        """Make a chat, block the bot (`state="blocked"`), ..."""
        return self._post("chats", {"id": chat_id, **chat})

    def floods(self, times: int, retry_after: int, method: str = "") -> None:
        """The next `times` calls of methods matching `method` get 429."""
        self._post("flood", {"times": times, "retry_after": retry_after, "method": method})

    def reads(self, chat_id: int) -> list[dict[str, Any]]:
        """The chat's messages."""
        with loopback_client(self.url) as client:
            chats = client.get("/_telegram/chats").json()
        return next((list(chat["messages"]) for chat in chats if chat["id"] == chat_id), [])

    def sees_answer(self, query_id: str) -> str | None:
        """What the bot answered to a click; None while it has not."""
        with loopback_client(self.url) as client:
            answer = client.get(f"/_telegram/queries/{query_id}").json().get("answer")
        return None if answer is None else str(answer)

    def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        with loopback_client(self.url) as client:
            answer = client.post(f"/_telegram/{what}", json=body)
        if answer.status_code == 400:
            raise ValueError(answer.json()["error"])
        answer.raise_for_status()
        return dict(answer.json())
