"""Sentences that jobs say to people: every key is in the catalogs and gets exactly what it takes."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from ghapp.say.messages import catalog

RAISED = ("Told", "NotPushed", "ApproverLost", "__init__", "park")


def told() -> Iterator[tuple[str, str, str | None, set[str]]]:
    """(place, key, hint, parameter names) of each error for people and each pause in jobs that names its key."""
    for path in sorted(Path("jobs").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and all(keyword.arg for keyword in node.keywords):
                texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if texts and name in RAISED and not any(isinstance(one, ast.JoinedStr) for one in node.args):
                    given = {str(keyword.arg) for keyword in node.keywords} - {"after"}
                    yield f"{path}:{node.lineno}", texts[0], texts[1] if len(texts) > 1 else None, given


def takes(text: object) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(str(text)) if name}


def test_each_key_is_known_and_takes_what_it_is_given():
    found = list(told())
    assert len(found) > 15
    for lang in ("en", "es"):
        known = catalog(lang)
        wrong = [
            (place, key, hint, given)
            for place, key, hint, given in found
            if key not in known or takes(known[key]) != given or (hint and (hint not in known or takes(known[hint])))
        ]
        assert wrong == []
