"""What the plan takes for granted about its base branch; said by code, as code knows it and people should see it."""

from __future__ import annotations

import re

from ghapp.emit.inert import Md
from ghapp.say.messages import say
from jobs.git.facts import BRANCHES
from jobs.repository import Repository
from jobs.setup.config import RepoConfig
from state.plan.model import Plan
from state.views import TaskView


def base_said(task: TaskView, repository: Repository, config: RepoConfig) -> bool:
    """Whether somebody chose the base branch, or it has the usual name."""
    return bool(task.options.get("base") or config.base) or repository.base in BRANCHES


def with_base(plan: Plan, base: str, lang: str) -> Plan:
    """The plan with its base branch among the assumptions, unless it says so itself."""
    if any(base in {word.strip(".") for word in re.findall(r"[\w./-]+", one)} for one in plan.assumptions):
        return plan
    # As it stands: the comment makes the plan's texts inert, this one included.
    sentence = say(lang, "plan.assumed.base", base=Md(base))
    return plan.model_copy(update={"assumptions": [*plan.assumptions, str(sentence)]})
