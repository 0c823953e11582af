"""Rate limit, meta and the root."""

from __future__ import annotations

from devkit.github.routing import Answer, Call, route


@route("GET", "/rate_limit", who="any")
def rate_limit(call: Call) -> Answer:
    limit, remaining, used, reset = call.hub.limits.use(call.viewer.name)
    core = {"limit": limit, "remaining": max(remaining, 0), "used": used, "reset": reset, "resource": "core"}
    resources = {name: {**core, "resource": name} for name in ("core", "search", "graphql")}
    return Answer(200, {"resources": resources, "rate": core})


@route("GET", "/meta", who="any")
def meta(call: Call) -> Answer:
    return Answer(
        200, {"verifiable_password_authentication": False, "hooks": ["127.0.0.1/32"], "installed_version": "3.19.0"}
    )


@route("GET", "/zen", who="any")
def zen(call: Call) -> Answer:
    return Answer(200, "Keep it logically awesome.")


@route("GET", "/", who="any")
def root(call: Call) -> Answer:
    return Answer(200, {"current_user_url": call.hub.url("/user"), "rate_limit_url": call.hub.url("/rate_limit")})
