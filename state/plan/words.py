"""The closed sets of words that a plan uses (details.md section 5)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class TaskType(StrEnum):
    """Conventional-commit type of the task; it also chooses the branch prefix."""

    FEAT = "feat"
    FIX = "fix"
    REFACTOR = "refactor"
    DOCS = "docs"
    TEST = "test"
    CHORE = "chore"


class ConditionType(StrEnum):
    """What a condition asks. `target` and `value` mean, by type (value is empty where none is named):

    file_exists, directory_exists, syntax_valid, imports_resolve: target = path.
    symbol_defined: target = path, value = name.
    text_matches: target = path, value = regular expression.
    import_available: target = module.
    command_succeeds: target = command.
    test_passes: target = test id.
    """

    FILE_EXISTS = "file_exists"
    DIRECTORY_EXISTS = "directory_exists"
    SYMBOL_DEFINED = "symbol_defined"
    IMPORT_AVAILABLE = "import_available"
    SYNTAX_VALID = "syntax_valid"
    IMPORTS_RESOLVE = "imports_resolve"
    TEXT_MATCHES = "text_matches"
    COMMAND_SUCCEEDS = "command_succeeds"
    TEST_PASSES = "test_passes"


class Change(StrEnum):
    """What happens to a file."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"


class StepKind(StrEnum):
    """What sort of work a step is."""

    SETUP = "setup"
    IMPLEMENTATION = "implementation"
    TESTING = "testing"
    DOCUMENTATION = "documentation"
    REFACTORING = "refactoring"
    DEPLOYMENT = "deployment"


class Priority(StrEnum):
    """Of steps and tasks; the order of the members is the order of work."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Complexity(StrEnum):
    """Chooses the executor's model."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


Origin = Literal["existing", "new"]
Enforcement = Literal["database_constraint", "application_layer", "authorization_middleware", "test"]
