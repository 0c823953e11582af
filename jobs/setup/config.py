"""`.github/devtask.yml`: what a repository says about itself. Read from the base branch only."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from jobs.git.facts import file_at
from jobs.git.mirror import Mirror
from jobs.setup.hosts import written
from state.errors import Told

PATH = ".github/devtask.yml"
MAX_BYTES = 65_536
Habit = Literal[
    "format", "complexity", "coverage", "docstrings", "hints", "debug", "performance", "silenced", "suspicion"
]
HABITS: tuple[str, ...] = get_args(Habit)
"""The checks of the layer nice to have."""
TOLD = 5
"""Problems that are told at once; further ones after these are mended."""


class RepoConfig(BaseModel):
    """Every key may be left out. Commands are shell lines; several setup commands run one after the other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str | None = Field(
        default=None, description="Branch to start from instead of development or the default branch."
    )
    setup: tuple[str, ...] = Field(
        default=(),
        description="Commands that install the dependencies into the virtual environment `/env`, once; without it they "
        "are detected.",
    )
    setup_seconds: int = Field(
        default=1200, ge=10, le=3600, description="Seconds after which the setup is killed, all commands together."
    )
    test: str | None = Field(
        default=None, description="Command that runs the tests; {junit} is replaced by the report's path."
    )
    test_seconds: int = Field(
        default=900, ge=1, le=3600, description="Seconds after which a run of the tests is killed."
    )
    lint: str | None = Field(default=None, description="Command that runs the linter.")
    typecheck: str | None = Field(default=None, description="Command that runs the type checker.")
    blocking: tuple[Habit, ...] = Field(
        default=(), description="Checks that are only shown elsewhere and must pass here: " + ", ".join(HABITS) + "."
    )
    protected: tuple[str, ...] = Field(default=(), description="More protected paths, as in .gitignore.")
    approvers: tuple[str, ...] = Field(
        default=(), description="Logins that may approve plans; they need write permission too."
    )
    budget: float | None = Field(
        default=None, gt=0, description="US dollars a task may cost unless it is asked for otherwise."
    )
    language: Literal["en", "es"] | None = Field(default=None, description="Language of everything the bot says.")
    models: dict[str, str] = Field(default_factory=dict, description="Role to provider:model.")
    ci: Literal["hold", "run"] = Field(default="hold", description="Whether pushes of steps start the repository's CI.")
    dev_tasks: Literal["keep", "remove"] = Field(
        default="keep", description="Whether `.dev-tasks/` stays on the branch when `/ci` closes it."
    )
    parallel_steps: int = Field(default=1, ge=1, le=8, description="How many independent steps may run at once.")
    network: tuple[str, ...] = Field(
        default=(),
        description="Hosts that setup may reach besides the package indexes: `example.org`, `*.example.org`, "
        "`example.org:8443`.",
    )
    prefix_only: bool = Field(default=False, description="Only `/devtask <command>` is listened to.")

    @field_validator("setup", "blocking", "protected", "approvers", "network", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("network")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(written(host)) for host in value)


@dataclass(frozen=True)
class ConfigProblem:
    """What is wrong and on which line, counting from 1."""

    line: int
    message: str


class ConfigError(Told):
    """The configuration cannot be used; nothing is guessed in its place."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        first, *others = problems[:TOLD]
        message = "; ".join([first.message, *(f"line {one.line}: {one.message}" for one in others)])
        super().__init__("config.invalid", "config.hint", path=PATH, line=first.line, message=message)
        self.problems = problems


def read_config(mirror: Mirror, commit: str) -> RepoConfig:
    """The configuration at the base commit; defaults where there is none. Raises ConfigError."""
    data = file_at(mirror, commit, PATH)
    return RepoConfig() if data is None else parse_config(data)


def parse_config(data: bytes) -> RepoConfig:
    """The configuration from the file's bytes. Raises ConfigError with a line for each problem."""
    if len(data) > MAX_BYTES:
        raise ConfigError((ConfigProblem(1, f"larger than {MAX_BYTES} bytes"),))
    node, values = _loaded(data)
    if values is None:
        return RepoConfig()
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigError((ConfigProblem(1, "must be a list of `key: value` lines"),))
    if twice := tuple(_twice(node)):
        raise ConfigError(twice)
    try:
        return RepoConfig.model_validate(values)
    except ValidationError as wrong:
        problems = (_problem(error, node) for error in wrong.errors(include_url=False))
        raise ConfigError(tuple(sorted(problems, key=lambda problem: problem.line))) from wrong


def _loaded(data: bytes) -> tuple[yaml.Node | None, Any]:
    """The document twice: with the place of each key, and as plain values."""
    try:
        text = data.decode()
        return yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except UnicodeDecodeError as wrong:
        raise ConfigError((ConfigProblem(data[: wrong.start].count(b"\n") + 1, "not UTF-8"),)) from wrong
    except yaml.YAMLError as wrong:
        raise ConfigError((_yaml_problem(wrong),)) from wrong


def _yaml_problem(wrong: yaml.YAMLError) -> ConfigProblem:
    mark = getattr(wrong, "problem_mark", None)
    return ConfigProblem(mark.line + 1 if mark else 1, str(getattr(wrong, "problem", None) or wrong)[:200])


def _problem(error: Any, node: yaml.Node | None) -> ConfigProblem:
    path = [str(part) for part in error["loc"]]
    name = ".".join(path)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, RepoConfig.model_fields, n=1)
        known = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(RepoConfig.model_fields))}"
        return ConfigProblem(_line(node, path), f"unknown key {name!r}; {known}")
    if error["type"] == "value_error":
        return ConfigProblem(_named_line(node, path, str(error["msg"])), f"{name}: {error['ctx']['error']}")
    return ConfigProblem(_line(node, path), f"{name}: {error['msg']}")


def _named_line(node: yaml.Node | None, path: list[str], message: str) -> int:
    """A validator of a whole list names the entry in its message, not in its path."""
    found = _child(node, path[0])
    entries = found[1].value if found and isinstance(found[1], yaml.SequenceNode) else []
    return next((one.start_mark.line + 1 for one in entries if repr(one.value) in message), _line(node, path))


def _twice(node: yaml.Node | None) -> Iterator[ConfigProblem]:
    """Keys that stand there twice: YAML takes the last one silently."""
    seen: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value in seen:
            yield ConfigProblem(key.start_mark.line + 1, f"the key {key.value!r} stands here twice")
        seen.add(key.value)


def _line(node: yaml.Node | None, path: list[str]) -> int:
    line = 1
    for part in path:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, part: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        value = node.value[int(part)]
        return value.start_mark.line + 1, value
    return None
