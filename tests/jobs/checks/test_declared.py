"""ABU-33: what nobody approved is held; what is used has to be declared; what is not known for sure refuses nobody."""

import json
import sys
from pathlib import Path

import pytest

from jobs.checks import declared
from jobs.checks.declared_ecma import judged as judged_ecma
from jobs.checks.declared_ecma import package_of
from jobs.checks.declared_python import Known, imports, judged, local_modules
from jobs.checks.result import Finding, Status
from jobs.sandbox.layout import Mount, interpreter
from jobs.setup.config import RepoConfig
from jobs.setup.source import Files
from tests.jobs.checks.place import place

KNOWN = Known(
    {"yaml": ("PyYAML",), "six": ("six",), "pytest": ("pytest",), "google": ("google-auth", "google-api-core")}
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a.b, c as d\nfrom e.f import g\n", ["a", "c", "e"]),
        ("from . import a\nfrom .b import c\nfrom __future__ import annotations\n", ["__future__"]),
        ("try:\n    import fast\nexcept ImportError:\n    import slow\nelse:\n    import more\n", ["more"]),
        ("try:\n    import a\nexcept ValueError:\n    pass\n", ["a"]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import b\n", ["typing", "b"]),
        ("def f():\n    import late\n", ["late"]),
        ("import (\n", []),
    ],
)
def test_what_a_file_imports(text, names):
    assert sorted(name for _, name in imports(text)) == sorted(names)


@pytest.mark.parametrize(
    ("name", "manifests", "path", "refused"),
    [
        ("yaml", "flask==3\n", "a.py", True),
        ("yaml", 'dependencies = ["pyyaml>=6"]\n', "a.py", False),
        ("yaml", "PyYAML[full]==6; python_version > '3'\n", "a.py", False),
        ("google", "google_api_core\n", "a.py", False),
        ("six", "six-extras\n", "a.py", True),
        ("unknown", "flask\n", "a.py", False),
        ("pytest", "flask\n", "tests/test_a.py", False),
        ("pytest", "flask\n", "a.py", True),
    ],
)
def test_an_import_is_refused_only_when_its_package_is_known_and_named_nowhere(name, manifests, path, refused):
    assert bool(judged([(path, 3, name)], KNOWN, manifests, ())) is refused


def test_what_any_file_or_folder_of_the_repository_is_called_is_its_own():
    assert {"src", "shop", "cart", "tool"} <= local_modules(["src/shop/cart.py", "tool.pyx"])


@pytest.mark.parametrize(
    ("specifier", "package"),
    [
        *(("lodash/fp", "lodash"), ("@a/b/c", "@a/b"), ("left-pad", "left-pad")),
        *(
            (one, "")
            for one in (
                "./a",
                "../b",
                "/c",
                "~/d",
                "@/e",
                "#f",
                "node:fs",
                "fs/promises",
                "https://x/y",
                "virtual:z",
                "@a",
            )
        ),
    ],
)
def test_the_package_of_a_javascript_import(specifier, package):
    assert package_of(specifier) == package


@pytest.mark.parametrize(
    ("specifier", "more", "refused"),
    [
        ("left-pad", {}, True),
        ("express/lib", {}, False),
        ("estree", {}, False),
        ("@x/core", {}, False),
        ("components/cart", {"src/components/cart.js": ""}, False),
        ("shared", {"tsconfig.json": '{"paths": {"shared": ["../x"]}}'}, False),
        ("shared", {"vite.config.js": "alias: { 'shared': x }"}, False),
        ("react", {"web/package.json": '{"peerDependencies": {"react": "*"}}'}, False),
    ],
)
def test_a_javascript_import_is_refused_only_when_no_manifest_can_mean_it(specifier, more, refused):
    package = {"dependencies": {"express": "4", "@types/estree": "1"}}
    source = Files({"package.json": json.dumps(package), "src/a.js": "", **more})
    found = judged_ecma([Finding("src/a.js", 1, "import", specifier)], source, {"@x/core"})
    assert bool(found) is refused
    assert judged_ecma([Finding("a.js", 1, "import", specifier)], Files({"a.js": ""}), ()) == []


@pytest.mark.parametrize(
    ("after", "held"),
    [
        ({"requirements.txt": "flask\nevil\n"}, ("evil",)),
        ({"requirements.txt": "flask==3.1\n"}, ()),
        ({"requirements.txt": "flask\ngit+https://x.example/evil\n"}, ("git+https://x.example/evil",)),
        ({"requirements-dev.txt": "-r requirements.txt\n-e .[test]\n"}, ()),
        ({"requirements.txt": "flask\n-r hidden.txt\n", "hidden.txt": "evil\n"}, ("-r hidden.txt",)),
        ({"pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "shop"\n'}, ()),
        ({"package.json": '{"dependencies": {"left-pad": "1"}}'}, ("left-pad",)),
        (
            {"a/package.json": '{"name": "@x/a"}', "b/package.json": '{"dependencies": {"@x/a": "workspace:*"}}'},
            (),
        ),
        ({"pyproject.toml": "project = 1\n", "Cargo.toml": "target = 1\n", "package.json": "[1]"}, ()),
    ],
)
def test_what_was_added_and_not_approved(after, held):
    base = Files({"requirements.txt": "flask\n"})
    assert declared.added(base, Files({**base.contents, **after}), ()) == held


@pytest.fixture
def env(tmp_path):
    """An environment with two installed packages."""
    folder = tmp_path / "env"
    site = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    for made in (folder / "bin", site):
        made.mkdir(parents=True)
    (folder / "bin" / "python3").symlink_to(interpreter())
    (folder / "pyvenv.cfg").write_text(f"home = {Path(interpreter()).parent}\n")
    for name, module in (("PyYAML", "yaml"), ("requests", "requests")):
        (site / module).mkdir()
        (site / module / "__init__.py").write_text("")
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "top_level.txt").write_text(f"{module}\n")
    return Mount(folder, "/env")


def test_abu_33_what_the_environment_holds_and_no_manifest_names_is_refused(tmp_path, env):
    here = place(tmp_path, {"requirements.txt": "flask\n", "old.py": "import requests\n", "package.json": "{}"}, (env,))

    def said(after, **more):
        (found,) = declared.judge(here.scene(after, **more))
        return found

    found = said(
        {
            "shop.py": "import json\nimport yaml\nimport helper\nimport requests\n",
            "shop.js": "import x from 'left-pad';\n",
        }
    )
    assert found.red and found.reason == "dependency"
    assert found.tail.split("\n") == [
        "shop.py:2: yaml is of the package pyyaml, which no manifest declares [undeclared]",
        "shop.js:1: left-pad is in no package.json of the repository [undeclared]",
    ]
    assert said({}, approved=["PyYAML", "left-pad"]).status is Status.PASSED
    assert not said({"shop.js": None}, config=RepoConfig(setup=("pip install pyyaml",))).red
    found = said({"shop.py": "A = 1\n", "requirements.txt": "flask\nevil>=1\n"})
    assert found.red and found.summary.startswith("not approved with the plan: evil. Take the dependency out")
    assert said({}, approved=["evil"]).status is Status.PASSED
    here.box.close()
