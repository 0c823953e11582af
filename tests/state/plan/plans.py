"""Plans for the tests of this room."""

from typing import Any

from state.plan.flat import read
from state.plan.model import Plan


def step(title: str, **fields: Any) -> dict[str, Any]:
    """A wire step that passes every check unless `fields` say otherwise."""
    name = title.lower().replace(" ", "_")
    return {
        "title": title,
        "id": title,
        "serves": "Please add stock validation.",
        "files": [{"path": f"shop/{name}.py", "change": "create"}],
        "symbols": [name],
        **fields,
    }


def submission(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"title": "Add stock validation", "steps": list(steps), **fields}


def plan(*steps: dict[str, Any], previous: Plan | None = None, **fields: Any) -> Plan:
    reading = read(submission(*steps, **fields), previous)
    assert reading.plan is not None, reading.problems
    return reading.plan


def rich() -> Plan:
    """A plan in which every field of the form is filled."""
    condition = {
        "type": "text_matches",
        "target": "shop/a.py",
        "value": "def .*",
        "description": "d",
        "critical": False,
    }
    return plan(
        step(
            "a",
            description="Write a <b>function</b>",
            phase="Core",
            milestone="Model",
            kind="refactoring",
            priority="high",
            complexity="medium",
            estimated_minutes=10,
            story_points=3,
            acceptance_criteria=["negative stock is refused"],
            labels=["stock"],
            citations=[{"path": "shop/stock.py", "lines": "1-3"}],
            files=[{"path": "shop/a.py", "change": "modify"}, {"path": "tests/test_a.py", "change": "create"}],
            tables=["t"],
            exports=["a"],
            lines_min=5,
            lines_max=50,
            preconditions=[condition],
            postconditions=[condition],
            tests=["tests/test_a.py::test_a"],
            substeps=[{"title": "first", "description": "d", "estimated_minutes": 2}],
        ),
        step("b | c", depends_on=["a"], phase="Core", milestone="Rules", serves=""),
        step("d", depends_on=["a"], phase="Edges", milestone="Docs", priority="low"),
        type="fix",
        objective="Stock is never negative",
        summary="Validate.",
        assumptions=["stock is an integer"],
        risks=["old data"],
        out_of_scope=["the web form"],
        stack=[{"component": "tests", "technology": "pytest", "version": "9", "why": "there", "origin": "existing"}],
        dependencies=[{"package": "pydantic", "constraint": ">=2", "new": True, "why": "types"}],
        coverage_target=80,
        domain="retail",
        industry="shops",
        rules=[{"description": "stock >= 0", "enforcement": "database_constraint"}],
        workflows=["order"],
        entities=[
            {
                "name": "Item",
                "description": "d",
                "attributes": [{"name": "stock", "type": "int", "nullable": False, "default": "0", "max_length": 9}],
                "relations": [
                    {"name": "shop", "type": "many_to_one", "target_entity": "Shop", "foreign_key": "shop_id"}
                ],
                "validations": ["stock >= 0"],
            }
        ],
        criteria=[
            {"criterion": "All tests pass", "measurable": "tests.failed == 0"},
            {"criterion": "It reads well", "measurable": ""},
        ],
        phases=[{"name": "Core"}, {"name": "Edges", "description": "d", "depends_on": ["Core"]}],
        milestones=[
            {"name": "Model", "phase": "Core", "acceptance_criteria": ["it is there"]},
            {"name": "Rules", "phase": "Core"},
            {"name": "Docs", "phase": "Edges"},
        ],
    )
