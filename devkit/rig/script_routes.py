"""`/_script` of a scripted model: GET its state, POST `{rules: [...], append: bool}` to change what it says."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from devkit.rig.script import Script, listed_rules


def script_routes(script: Script) -> Blueprint:
    """The routes for this script."""
    routes = Blueprint("script", "devkit.rig.script_routes")

    @routes.get("/_script")
    def state() -> ResponseReturnValue:
        return script.to_json()

    @routes.post("/_script")
    def change() -> ResponseReturnValue:
        given = request.get_json(force=True)
        try:
            script.change(listed_rules(given), append=isinstance(given, dict) and bool(given.get("append")))
        except ValueError as error:
            return {"error": str(error)}, 400
        return script.to_json()

    return routes
