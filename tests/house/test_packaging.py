"""Procfile, image, compose file and systemd units start the same processes, and none of them holds a secret."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from jobs.worker import QUEUES
from state.settings import Settings
from tests.house.files import (
    INSTALLED,
    PACKAGES,
    ROOT,
    UNITS,
    argv,
    compose,
    dockerfile,
    procfile,
    tracked,
    units,
)

PROCESSES = {"gate", *QUEUES, "scheduler"}
SANDBOXED = {"plan", "step"}
YOUNGER = "DelegateSubgroup=worker\n"
"""systemd before 254 warns of the key and leaves it out: these bounds are then not in force, and doctor says so."""
SECRET_NAMES = {name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
SECRET_NAMES -= {"REDIS_URL", "DATABASE_URL"}


def test_all_three_ways_start_the_same_processes():
    expected = {name: argv(command) for name, command in procfile().items()}
    assert set(expected) == PROCESSES
    assert {name: argv(found["Service"]["ExecStart"][0]) for name, found in units().items()} == expected
    services = {name: argv(found["command"]) for name, found in compose()["services"].items()}
    assert {name: services[name] for name in PROCESSES} == expected
    assert set(services) - PROCESSES == {"migrate", "redis"}


def test_no_packaging_file_sets_a_secret():
    for name in ("Procfile", "Dockerfile", "compose.yml", *(f"packaging/systemd/{p.name}" for p in UNITS.iterdir())):
        found = set(re.findall(r"[A-Z][A-Z_]+", (ROOT / name).read_text()))
        assert not found & SECRET_NAMES, name


class TestImage:
    def test_what_is_copied_is_there_and_is_tracked(self):
        files = tracked()
        for one in dockerfile():
            if one.name == "COPY":
                *sources, _ = shlex.split(one.value)
                for source in sources:
                    assert any(name == source or name.startswith(f"{source}/") for name in files), source

    def test_every_package_is_copied_and_nothing_else_wholesale(self):
        copied = {word for one in dockerfile() if one.name == "COPY" for word in shlex.split(one.value)[:-1]}
        assert set(PACKAGES) <= copied
        assert not copied & {".", "*", ".env", ".git", "tests"}

    def test_secrets_and_history_stay_out_of_the_build(self):
        assert {".git", ".env", ".venv", ".data"} <= set((ROOT / ".dockerignore").read_text().split())

    def test_it_does_not_run_as_root(self):
        names = [one.name for one in dockerfile()]
        user = next(one.value for one in dockerfile() if one.name == "USER")
        assert user not in ("root", "0")
        assert names.index("USER") < names.index("CMD")

    def test_dependencies_are_installed_by_hash(self):
        runs = [one.value for one in dockerfile() if one.name == "RUN" and "requirements.lock" in one.value]
        assert runs
        assert all("--require-hashes" in run for run in runs)

    def test_it_listens_where_a_published_port_can_reach_it(self):
        assert any(one.name == "ENV" and "BIND=0.0.0.0:8000" in one.value for one in dockerfile())

    def test_its_interpreter_is_one_that_the_project_supports(self):
        base = next(one.value for one in dockerfile() if one.name == "FROM")
        assert re.match(r"python:3\.1[1-9]", base)


class TestCompose:
    def test_services_restart_and_share_folders_settings_and_network(self):
        for name in PROCESSES:
            service = compose()["services"][name]
            assert service["restart"] == "unless-stopped", name
            assert service["env_file"] == ".env", name
            assert service["networks"] == ["orchestrator"], name
            kept = {mount.split(":")[1] for mount in service["volumes"]}
            assert {f"{INSTALLED}/{folder}" for folder in ("repos", "logs", "data", "prompts")} == kept, name

    def test_prompt_overrides_are_read_only_and_are_read(self):
        service = compose()["services"]["step"]
        assert f"./prompts:{INSTALLED}/prompts:ro" in service["volumes"]
        assert service["environment"]["PROMPTS_PATH"] == f"{INSTALLED}/prompts"

    def test_every_environment_name_is_a_setting(self):
        for name, service in compose()["services"].items():
            known = {setting.upper() for setting in Settings.model_fields} | {"BIND"}
            assert set(service.get("environment", {})) <= known, name

    def test_volumes_and_networks_are_declared(self):
        found = compose()
        named = {mount.split(":")[0] for one in found["services"].values() for mount in one.get("volumes", ())}
        assert {name for name in named if not name.startswith(".")} == set(found["volumes"])
        assert set(found["networks"]) == {"orchestrator"}

    def test_nothing_is_published_beyond_this_machine(self):
        ports = [port for one in compose()["services"].values() for port in one.get("ports", ())]
        assert ports == ["127.0.0.1:8000:8000"]

    def test_only_those_who_run_repository_code_get_what_bubblewrap_needs(self):
        for name, service in compose()["services"].items():
            assert ("security_opt" in service) == (name in SANDBOXED), name
            assert not service.get("privileged") and "docker.sock" not in json.dumps(service), name
        wanted = {"seccomp=packaging/seccomp.json", "apparmor=unconfined", "systempaths=unconfined"}
        assert set(compose()["services"]["step"]["security_opt"]) == wanted

    def test_processes_wait_for_the_migration(self):
        for name in PROCESSES:
            assert compose()["services"][name]["depends_on"]["migrate"] == {
                "condition": "service_completed_successfully"
            }, name

    def test_only_the_gate_is_asked_for_its_health(self):
        for name, service in compose()["services"].items():
            if name not in ("gate", "redis"):
                assert service["healthcheck"] == {"disable": True}, name
        assert "/healthz" in str(compose()["services"]["gate"]["healthcheck"]["test"])


class TestSeccomp:
    PROFILE = json.loads((ROOT / "packaging" / "seccomp.json").read_text())

    def test_every_rule_names_calls_and_an_action(self):
        assert self.PROFILE["defaultAction"].startswith("SCMP_ACT_")
        for rule in self.PROFILE["syscalls"]:
            assert rule["names"] and rule["action"].startswith("SCMP_ACT_"), rule

    def test_what_a_sandbox_is_made_of_is_allowed_and_what_reaches_the_kernel_is_not(self):
        assert not {"clone", "unshare", "mount", "umount2", "pivot_root", "prctl"} - self._allowed()
        assert not self._allowed() & {"kexec_load", "init_module", "finit_module", "bpf", "reboot", "swapon"}

    def _allowed(self) -> set[str]:
        """Of the calls that this test asks about, those that may be made."""
        asked = {"clone", "unshare", "mount", "umount2", "pivot_root", "prctl"}
        asked |= {"kexec_load", "init_module", "finit_module", "bpf", "reboot", "swapon"}
        rules = self.PROFILE["syscalls"]
        ruled = {name: rule["action"] for rule in rules if not rule.get("includes") for name in rule["names"]}
        return {name for name in asked if ruled.get(name, self.PROFILE["defaultAction"]) == "SCMP_ACT_ALLOW"}


class TestUnits:
    def test_they_stop_as_gently_as_a_step_needs_and_come_back(self):
        for name, found in units().items():
            service = found["Service"]
            assert service["Restart"] == ["always"], name
            assert service["KillMode"] == ["mixed"], name
            assert int(service["TimeoutStopSec"][0]) >= 25, name
            assert service["User"] == ["orchestrator"], name
            assert service["NoNewPrivileges"] == ["true"], name
            assert service["UMask"] == ["0077"], name
            assert "RestrictNamespaces" not in service, "bubblewrap makes namespaces"
            assert found["Install"]["WantedBy"] == ["multi-user.target"], name

    def test_those_who_run_repository_code_may_bound_it_by_cgroups(self):
        for name in SANDBOXED:
            assert units()[name]["Service"]["Delegate"] == ["yes"], name

    @pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
    def test_systemd_finds_nothing_wrong(self, tmp_path: Path):
        root = tmp_path / "installation"
        (root / "app").mkdir(parents=True)
        (root / "venv" / "bin").mkdir(parents=True)
        (root / ".env").touch()
        for program in ("devtask", "gunicorn"):
            path = root / "venv" / "bin" / program
            path.write_text("#!/bin/sh\nexit 0\n")
            path.chmod(0o755)
        version = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, check=True).stdout
        unknown = YOUNGER if int(version.split()[1]) < 254 else "\0"
        copies = []
        for path in sorted(UNITS.glob("*.service")):
            copies.append(tmp_path / path.name)
            copies[-1].write_text(path.read_text().replace(INSTALLED, str(root)).replace(unknown, ""))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *copies],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ["PATH"], "SYSTEMD_COLORS": "0"},
        )
        said = [line for line in done.stderr.splitlines() if "devtask-" in line]
        assert (done.returncode, said) == (0, []), done.stderr


def test_alembic_finds_its_scripts():
    text = (ROOT / "alembic.ini").read_text()
    folder = re.search(r"script_location = %\(here\)s/(\S+)", text)
    assert folder and (ROOT / folder[1] / "env.py").is_file()


@pytest.mark.parametrize("name", [name for name in tracked() if name.endswith(".sh") or name == ".ci/run"])
def test_scripts_can_be_run_and_read(name: str):
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / name], check=True)


def test_ci_runs_what_people_run():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make check", "make test", "make test-slow"]
