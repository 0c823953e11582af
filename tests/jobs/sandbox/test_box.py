"""The sandbox as a command sees it, on real bubblewrap."""

import time
from pathlib import Path

import pytest

from jobs.sandbox.box import Sandbox
from jobs.sandbox.layout import Mount
from jobs.sandbox.limits import MIB, Limits
from jobs.sandbox.probe import probe

CANARY = "canary-5b1f0c9e77"


@pytest.fixture
def box(tmp_path: Path):
    made = _box(tmp_path)
    yield made
    made.close()


def _box(folder: Path, **more) -> Sandbox:
    (folder / "tree").mkdir(exist_ok=True)
    return Sandbox(folder / "tree", folder / "scratch", **more)


def test_the_probe_runs_a_real_command_and_says_what_is_not_in_force():
    found = probe()
    assert found.ok, found
    assert all(isinstance(bound, str) for bound in found.weak)


def test_the_probe_without_a_sandbox_is_never_ok():
    assert not probe("none").ok


def test_the_environment_is_exactly_the_promised_one(box):
    names = box.run("env", timeout=10).output
    values = dict(line.split("=", 1) for line in names.splitlines())
    values = {name: value for name, value in values.items() if name not in {"PWD", "SHLVL", "_", "OLDPWD"}}
    path = values.pop("PATH").split(":")
    assert path[0] == "/devtask/support/bin"
    assert values == {
        "HOME": "/home/dev",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "CI": "1",
        "PAGER": "cat",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.mark.parametrize(
    "command",
    [
        "cat /proc/1/environ /proc/self/environ /proc/*/cmdline | tr '\\0' '\\n'",
        "ls -la /proc/*/fd/; for n in 3 4 5 6 7 8 9; do timeout 0.1 cat <&$n; done",
        "ls -la / /home /root /work /tmp /var /etc",
        "cat ~/.netrc ~/.gitconfig /root/.netrc /etc/shadow",
        "find / -xdev -name '*.db' -not -path '/usr/*' -not -path '/proc/*'",
    ],
)
def test_abu_19_nothing_of_the_service_is_visible(box, command, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    secret = box.tree.parent / "secret"
    secret.write_text(CANARY)
    with secret.open() as _held:
        assert CANARY not in box.run(command, timeout=10, show=1_000_000).output


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('1.1.1.1', 53), 2)",
        "import socket; socket.create_connection(('169.254.169.254', 80), 2)",
        "import socket; socket.create_connection(('127.0.0.1', {port}), 2)",
        "import socket; socket.create_connection(('::1', {port}), 2)",
        "import socket; socket.getaddrinfo('canary.attacker.test', 80)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('8.8.8.8', 53))",
        "import socket; s = socket.socket(socket.AF_UNIX); s.connect('\\0devtask-canary')",
        "import os; os.mkdir('/usr/x')",
        "import os; os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)",
        "import os; os.open('/proc/sysrq-trigger', os.O_WRONLY)",
        "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
        "import ctypes; assert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0",
        "import os; os.setuid(0)",
        "import os; os.mknod('/tmp/d', 0o60600, os.makedev(8, 0))",
        "import glob, os; [os.open(p, os.O_WRONLY) for p in glob.glob('/proc/irq/*/smp_affinity')[:1]] or exit(1)",
        "import os; w = os.walk('/proc/sys'); any(os.access(f'{d}/{f}', 2) for d, _, fs in w for f in fs) or exit(1)",
        "open('/new', 'w')",
        "open('/dev/x', 'w')",
        "open('/devtask/out/x', 'w')",
    ],
)
def test_abu_20_and_31_the_network_and_the_host_are_out_of_reach(box, code):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0devtask-canary")
        abstract.listen()
        text = code.replace("{port}", str(server.getsockname()[1]))
        result = box.run(["python3", "-c", text], timeout=20)
        assert result.exit_code != 0, text
        server.settimeout(0.01)
        with pytest.raises(TimeoutError):
            server.accept()


def test_statuses_of_every_part_of_a_pipeline_are_known(box):
    assert box.run("true | false | (exit 4)", timeout=10).statuses == (0, 1, 4)
    assert box.run("exit 3", timeout=10).exit_code == 3
    assert box.run("if then", timeout=10).exit_code == 2


def test_each_command_starts_anew_but_files_stay(box):
    box.run("X=1; echo mine > file; cd /tmp; echo kept > kept", timeout=10)
    result = box.run("pwd; echo [$X]; cat /tmp/kept file", timeout=10)
    assert result.output.split() == ["/work", "[]", "kept", "mine"]
    assert (box.tree / "file").read_text() == "mine\n"


def test_standard_input_is_closed_and_there_is_no_terminal(box):
    assert box.run("read x; echo $?; tty", timeout=10).output.startswith("1\nnot a tty")


def test_f49_a_command_that_hangs_is_killed_after_its_time(box):
    started = time.monotonic()
    result = box.run("echo begun; sleep 60", timeout=0.5)
    assert result.timed_out and result.exit_code == 137
    assert result.output == "begun\n"
    assert time.monotonic() - started < 3


def test_a_command_can_be_cancelled_at_any_moment(box):
    started = time.monotonic()
    result = box.run("sleep 60", timeout=60, cancel=lambda: time.monotonic() - started > 0.3)
    assert result.cancelled and result.seconds < 2


def test_background_processes_die_with_their_command_and_are_named(box):
    result = box.run("(sleep 300; echo late > late) & setsid sleep 301 & sleep 0.1; echo done", timeout=10)
    assert result.output == "done\n"
    assert result.exit_code == 0 and result.background
    time.sleep(0.2)
    assert not _running("sleep\x00300") and not _running("sleep\x00301")


@pytest.mark.slow
def test_abu_32_a_fork_bomb_ends_with_nothing_left(tmp_path):
    box = _box(tmp_path, limits=Limits(processes=64))
    result = box.run("f() { f | f & }; f; sleep 1", timeout=3)
    box.close()
    assert result.seconds < 8
    if box.limits.processes and probe().weak[:1] != ("number of processes",):
        assert result.limit == "processes"


def test_abu_32_output_without_end_is_cut_and_named(tmp_path):
    box = _box(tmp_path, limits=Limits(output_bytes=MIB))
    result = box.run("yes", timeout=20)
    assert result.limit == "output" and result.exit_code == 137 and result.seconds < 10
    assert len(result.output) < 9_000
    box.close()


def test_long_output_keeps_head_and_tail_and_the_whole_is_readable_inside(box):
    result = box.run("seq 1 5000", timeout=10)
    assert result.output.startswith("1\n2\n") and result.output.endswith("5000\n")
    assert "bytes left out" in result.output
    assert box.run(f"sed -n 2500p {result.output_path}", timeout=10).output == "2500\n"


def test_terminal_escapes_and_overwritten_lines_are_plain_text(box):
    assert box.run(r"printf '\033[31mred\033[0m\n10%%\r100%%\n'", timeout=10).output == "red\n100%\n"


def test_python_of_the_service_is_there_without_its_packages(box):
    result = box.run("python3 -c 'import flask'; python --version; python3 -c 'import pip'", timeout=10)
    assert "No module named 'flask'" in result.output and "No module named 'pip'" in result.output
    assert "Python 3." in result.output


def test_mounts_are_read_only_unless_asked_for(tmp_path):
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "a").write_text("a")
    box = _box(tmp_path, mounts=[Mount(tmp_path / "deps", "/env")])
    result = box.run("cat /env/a; echo b > /env/a", timeout=10)
    assert result.exit_code == 1 and (tmp_path / "deps" / "a").read_text() == "a"
    box.close()


def test_a_link_planted_in_the_output_folder_is_not_followed(box):
    result = box.run("ln -s /etc/passwd /devtask/out/command-0002.txt; rm -rf /devtask/out", timeout=10)
    assert result.exit_code != 0


def test_closed_folders_do_not_stop_the_clearing(box):
    box.run("mkdir -p /tmp/a/b && chmod 000 /tmp/a", timeout=10)
    box.clear()
    assert list((box.scratch / "tmp").iterdir()) == []


def test_without_a_sandbox_the_environment_is_clean_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    box = _box(tmp_path, kind="none")
    result = box.run("env; pwd; false | true", timeout=10)
    assert CANARY not in result.output and str(tmp_path / "tree") in result.output
    assert result.statuses == (1, 0)
    assert box.run("sleep 300 & echo over", timeout=10).background


def _running(needle: str) -> bool:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if needle in entry.read_text():
                return True
        except OSError:
            continue
    return False
