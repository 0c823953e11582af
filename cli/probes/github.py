"""GitHub: the clock, the key, and the App as it is registered there against what the code uses."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from cli.findings import Finding, fine, warning, wrong
from ghapp.clients.errors import ClientError, Denied, Gone
from ghapp.clients.github import GitHubApp
from ghapp.clients.github.tokens import permissions_needed
from ghapp.clients.wire import Wire
from ghapp.events import EVENTS, EVENTS_LATER
from state.settings import Settings, SettingsError

AREA = "github"
DEADLINE = 10.0
MOST_SKEW = 30.0
AGENT = {"User-Agent": "dev-task-orchestrator", "Accept": "application/json"}
LEVELS = {"none": 0, "read": 1, "write": 2, "admin": 3}
PAGE = "on the App's settings page, section Permissions & events; installations must accept the change"


def github(settings: Settings) -> list[Finding]:
    """Everything about the App. Needs GITHUB_APP_ID and the key; without them the settings' finding says so."""
    wire = Wire(settings.github_api_url, DEADLINE)
    try:
        return [*clock_skew(wire), *_app(settings, wire)]
    except ClientError as error:
        mend = "Check GITHUB_API_URL, the network and a proxy; status pages tell whether GitHub is up."
        return [wrong(AREA, f"{settings.github_api_url} does not answer: {error}", mend)]
    finally:
        wire.close()


def clock_skew(wire: Wire) -> list[Finding]:
    """This machine's clock against the Date header of an answer, whatever its status."""
    reply = wire.send("GET", f"{urlsplit(wire.base_url).path}/zen", AGENT)
    try:
        skew = time.time() - parsedate_to_datetime(reply.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return []
    text = f"the clocks differ by {abs(skew):.0f} s"
    if abs(skew) > MOST_SKEW:
        return [
            wrong("clock", text, "Set the clock: timedatectl set-ntp true. GitHub refuses what is signed too far off.")
        ]
    return [fine("clock", text)]


def _app(settings: Settings, wire: Wire) -> list[Finding]:
    from jwt import PyJWTError

    key = _key(settings)
    if settings.github_app_id is None or key is None:
        return []
    client = GitHubApp(settings.github_app_id, key, settings.github_api_url, deadline=DEADLINE)
    try:
        app = client.as_app("GET", "/app")
        hook = client.as_app("GET", "/app/hook/config")
    except (Denied, Gone) as refusal:
        mend = "GITHUB_APP_ID and the key must belong together; generate a new key on the App's page if in doubt."
        return [wrong(AREA, f"GitHub refuses the App's key: {refusal}", mend)]
    except (PyJWTError, ValueError) as error:
        return [wrong(AREA, f"the private key cannot sign: {error}", "Download the key from the App's page once more.")]
    finally:
        client.close()
    slug = str(app.get("slug", ""))
    return [
        fine(AREA, f"App {app.get('name')} ({slug}) answers with this key"),
        *permissions(app.get("permissions") or {}),
        *events(app.get("events") or []),
        *webhook(hook, settings.public_url),
        *_installed(app.get("installations_count")),
        *_slug(wire, slug),
    ]


def _key(settings: Settings) -> str | None:
    """The key, or None where the settings' own finding says what is wrong with it."""
    try:
        return settings.private_key()
    except (SettingsError, OSError):
        return None


def permissions(granted: Mapping[str, str]) -> Iterator[Finding]:
    """What the code uses against what the App has. Pure."""
    wanted = permissions_needed()
    lacking = [f"{n}: {v}" for n, v in wanted.items() if LEVELS.get(granted.get(n, "none"), 0) < LEVELS[v]]
    more = [f"{n}: {v}" for n, v in granted.items() if LEVELS.get(v, 0) > LEVELS[wanted.get(n, "none")]]
    if lacking:
        yield wrong(AREA, f"the App lacks permissions: {', '.join(lacking)}", f"Grant them {PAGE}.")
    if more:
        yield warning(AREA, f"the App has more than it uses: {', '.join(more)}", f"Take it away {PAGE}.")
    if not lacking and not more:
        yield fine(AREA, "permissions are those of app.yml")


def events(subscribed: list[str]) -> Iterator[Finding]:
    """The events that the code reads, and those that later releases will. Pure."""
    lacking = sorted(EVENTS - set(subscribed))
    later = sorted(EVENTS_LATER - set(subscribed))
    if lacking:
        yield wrong(AREA, f"the App is not told of: {', '.join(lacking)}", f"Subscribe {PAGE}.")
    elif later:
        text = f"events of app.yml that this release does not read yet are not subscribed: {', '.join(later)}"
        yield warning(AREA, text, f"Subscribe {PAGE}; nothing of today depends on it.")
    else:
        yield fine(AREA, "events are those of app.yml")


def webhook(hook: Mapping[str, Any], public_url: str | None) -> Iterator[Finding]:
    """Where GitHub sends to. Pure."""
    url, page = str(hook.get("url", "")), "on the App's settings page"
    if hook.get("content_type", "json") != "json":
        yield wrong(AREA, "webhooks are sent as a form", f"Choose application/json {page}.")
    if str(hook.get("insecure_ssl", "0")) != "0":
        yield warning(AREA, "GitHub does not verify our certificate", f"Enable SSL verification {page}.")
    wanted = f"{public_url.rstrip('/')}/webhook" if public_url else None
    if wanted is None:
        yield warning(AREA, f"webhooks go to {url or 'nowhere'}; PUBLIC_URL is not set", "Set PUBLIC_URL to compare.")
    elif url != wanted:
        yield wrong(AREA, f"webhooks go to {url or 'nowhere'}, not to {wanted}", f"Set the webhook URL {page}.")
    else:
        yield fine(AREA, f"webhooks go to {url}")


def _installed(count: object) -> Iterator[Finding]:
    if count == 0:
        mend = "Open the App's page, Install App, and choose an account and its repositories."
        yield warning(AREA, "the App is installed nowhere", mend)
    elif isinstance(count, int):
        yield fine(AREA, f"installed on {count} account{'s' if count != 1 else ''}")


def _slug(wire: Wire, slug: str) -> Iterator[Finding]:
    """`@slug` in a comment reaches a person of that name, if there is one."""
    if wire.send("GET", f"{urlsplit(wire.base_url).path}/users/{slug}", AGENT).status == 200:
        text = f"@{slug} is also a person's login: mentions of the bot will ping that person"
        yield warning(AREA, text, "Rename the App, or use `/devtask ...` instead of mentions.")
