"""The webhook delivery log as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from devkit.github.hub import Hub
from devkit.github.model import Delivery, Json


def item(row: Delivery) -> Json:
    at = datetime.fromtimestamp(row.delivered or 0, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "id": row.id,
        "guid": row.guid,
        "delivered_at": at,
        "redelivery": row.redelivery,
        "duration": row.duration,
        "status": row.status,
        "status_code": row.status_code,
        "event": row.event,
        "action": row.action,
        "installation_id": row.installation_id,
        "repository_id": row.repository_id,
        "throttled_at": None,
    }


def whole(hub: Hub, row: Delivery) -> Json:
    return item(row) | {
        "url": hub.app.hook_url,
        "request": {"headers": row.request_headers, "payload": json.loads(row.payload)},
        "response": {"headers": row.response_headers, "payload": row.response_body},
    }
