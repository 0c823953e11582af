"""docs/repository-configuration.md and its JSON Schema, from the model that reads `.github/devtask.yml`."""

from __future__ import annotations

import json
from typing import Any

from jobs.setup.config import PATH, RepoConfig

NOT_YET = frozenset(("parallel_steps",))
"""Keys that are checked and kept, and that nothing reads yet."""
NETWORK_PATTERN = r"^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.[A-Za-z_-][A-Za-z0-9_-]*(:[0-9]{1,5})?$"
HEAD = f"""# Configuration of a repository

Made from `jobs/setup/config.py` by `make docs`; a check holds it to the code. The file is `{PATH}`, read from the
base branch only, so that a task cannot change its own rules. Every key may be left out. An error in it is answered on
the issue with the line, and nothing is guessed in its place. [The JSON Schema](schemas/devtask.schema.json) checks it
in an editor.

| key | type | default | meaning |
|---|---|---|---|
"""
EXAMPLE = """
## Setup

The setup runs once for each state of the lock files and manifests, in a sandbox of its own at the root of a fresh
checkout; what it leaves in the virtual environment `/env` and in `node_modules` is read-only afterwards. Without
`setup` the files of the repository decide: pip, uv, poetry, tox and nox environments, npm, pnpm, yarn, Go and Rust. A
package that an approved plan adds is installed with it; one that nobody approved is not. The only way out is a proxy
that admits the package indexes of the machine and the hosts under `network`; a private address is never admitted for a
repository. When a setup fails, the answer names the lines that say why and what to write here. `devtask doctor REPO`
shows what would be run.

## Example

```yaml
base: development
setup:
  - /env/bin/pip install -r requirements-dev.txt
network: [files.example.org]
test: pytest --junitxml={junit}
approvers: [ana, luis]
budget: 3
language: es
```
"""


def repository_schema() -> str:
    """The text of docs/schemas/devtask.schema.json."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **RepoConfig.model_json_schema()}
    schema["title"] = PATH
    for name in ("setup", "protected", "approvers", "network"):  # one may be written without a list
        schema["properties"][name] = _one_or_many(schema["properties"][name])
    for shape in schema["properties"]["network"]["anyOf"]:
        shape.get("items", shape)["pattern"] = NETWORK_PATTERN
    return json.dumps(schema, indent=2) + "\n"


def repository_page() -> str:
    """The text of docs/repository-configuration.md."""
    properties = RepoConfig.model_json_schema()["properties"]
    return HEAD + "\n".join(_row(name, about) for name, about in properties.items()) + "\n" + EXAMPLE


def _row(name: str, about: dict[str, Any]) -> str:
    later = " Checked, but not used yet." if name in NOT_YET else ""
    default = about.get("default")
    shown = "" if default in (None, [], {}) else f"`{json.dumps(default)}`"
    return f"| `{name}` | {_type(about)} | {shown} | {about['description']}{later} |"


def _type(about: dict[str, Any]) -> str:
    kinds = [one for one in about.get("anyOf", [about]) if one.get("type") != "null"]
    return " or ".join(_kind(one) for one in kinds)


def _kind(one: dict[str, Any]) -> str:
    if "enum" in one:
        return " or ".join(f"`{value}`" for value in one["enum"])
    if one["type"] == "array":
        return "list of texts, or one text"
    names = {"object": "mapping", "integer": "whole number", "boolean": "true or false", "string": "text"}
    return names.get(one["type"], str(one["type"]))


def _one_or_many(about: dict[str, Any]) -> dict[str, Any]:
    shape = {key: value for key, value in about.items() if key in ("type", "items")}
    rest = {key: value for key, value in about.items() if key not in ("type", "items")}
    return {"anyOf": [shape, {"type": "string"}], **rest}
