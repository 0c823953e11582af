"""app.yml asks for exactly what the code uses."""

from __future__ import annotations

import yaml

from devkit.github.config import APP_EVENTS, APP_PERMISSIONS
from ghapp.clients.github.tokens import PURPOSES, permissions_needed
from ghapp.events import EVENTS, EVENTS_LATER, KINDS
from ghapp.gate.door import PATH
from tests.house.files import ROOT

MANIFEST = yaml.safe_load((ROOT / "app.yml").read_text())


def test_the_permissions_are_those_that_tokens_are_minted_with():
    assert MANIFEST["default_permissions"] == permissions_needed()


def test_no_purpose_asks_for_workflows_or_administration():
    asked = {name for permissions in PURPOSES.values() for name in permissions}
    assert not asked & {"workflows", "administration", "secrets", "members", "organization_administration"}


def test_the_events_are_those_that_are_read_and_those_that_later_releases_read():
    assert sorted(MANIFEST["default_events"]) == sorted(EVENTS | EVENTS_LATER)
    assert not EVENTS & EVENTS_LATER
    assert {name.partition(".")[0] for name in KINDS} == EVENTS


def test_the_stand_in_grants_the_same():
    assert MANIFEST["default_permissions"] == APP_PERMISSIONS
    assert sorted(MANIFEST["default_events"]) == sorted(APP_EVENTS)


def test_the_webhook_is_where_the_gate_listens():
    assert MANIFEST["hook_attributes"] == {"url": f"${{PUBLIC_URL}}{PATH}", "active": True}


def test_the_app_is_private_and_says_what_it_never_does():
    assert MANIFEST["public"] is False
    assert "Never merges" in MANIFEST["description"]
