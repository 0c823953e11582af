"""The way out of a setup: what may be asked for, as tables; and a real sandbox behind it, on loopback."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jobs.sandbox.box import Sandbox
from jobs.setup.admission import NoRequest, admitting, asked, page_head, refusal
from jobs.setup.gateway import Caps, Gateway
from jobs.setup.hosts import Host, is_public, of_urls, written
from jobs.setup.upstream import Proxy, Unreachable, Upstream, connect, of_environment

PAGE = b"x" * 200_000
ASK = """
import sys, urllib.request
try:
    print(len(urllib.request.urlopen(sys.argv[1], timeout=5).read()))
except Exception as wrong:
    print(type(wrong).__name__, wrong); raise SystemExit(1)
"""
TUNNEL = """
import socket, sys
s = socket.create_connection(("127.0.0.1", 3128), 5)
s.sendall(f"CONNECT {sys.argv[1]} HTTP/1.1\\r\\n\\r\\n".encode())
print(s.recv(1000).decode().splitlines()[0])
s.sendall(b"GET /page HTTP/1.0\\r\\n\\r\\n")
total = 0
while data := s.recv(65536):
    total += len(data)
print(total > 200_000)
"""


@dataclass
class Far:
    """A far end that answers every path with the same page and keeps what it was asked."""

    url: str
    port: int
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def far() -> Iterator[Far]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.seen.append((self.command, self.path, {name.lower(): one for name, one in self.headers.items()}))
            self.send_response(200)
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def do_CONNECT(self) -> None:
            place.seen.append((self.command, self.path, {name.lower(): one for name, one in self.headers.items()}))
            self.send_error(407)

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        place = Far(f"http://127.0.0.1:{server.server_address[1]}", server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield place
        server.shutdown()
        thread.join()


@dataclass
class Inside:
    """A sandbox behind a gateway."""

    folder: Path
    gateway: Gateway

    def run(self, code: str, *arguments: str) -> tuple[int, str]:
        (self.folder / "tree").mkdir(exist_ok=True)
        way = {name: "http://127.0.0.1:3128" for name in ("http_proxy", "https_proxy")}
        box = Sandbox(self.folder / "tree", self.folder / "scratch", door=self.gateway.socket_path, env=way)
        result = box.run(["python3", "-c", code, *arguments], timeout=20)
        box.close()
        return result.exit_code, result.output


def _gateway(folder: Path, *hosts: Host, **more: object) -> Gateway:
    return Gateway(hosts, folder / "door", **more)  # type: ignore[arg-type]


def test_an_admitted_host_is_reached_by_page_and_by_tunnel(tmp_path: Path, far: Far):
    with _gateway(tmp_path, Host("127.0.0.1", far.port, ours=True)) as gateway:
        inside = Inside(tmp_path, gateway)
        assert inside.run(ASK, f"{far.url}/simple/six/?a=1") == (0, f"{len(PAGE)}\n")
        code, said = inside.run(TUNNEL, f"127.0.0.1:{far.port}")
        assert (code, said.split("\n")[1]) == (0, "True") and "200" in said
    assert [one[:2] for one in far.seen] == [("GET", "/simple/six/?a=1"), ("GET", "/page")]
    assert gateway.refused == () and gateway.received > 2 * len(PAGE)
    assert not (tmp_path / "door").exists()


def test_abu_33_a_host_that_is_not_admitted_is_refused_with_its_name_and_what_to_write(tmp_path: Path, far: Far):
    with _gateway(tmp_path, Host("index.example.org", ours=True)) as gateway:
        inside = Inside(tmp_path, gateway)
        for url in (f"{far.url}/x", "https://evil.example.com/", "http://169.254.169.254/latest", "https://1.1.1.1/"):
            code, said = inside.run(ASK, url)
            assert code == 1 and "add it to network in .github/devtask.yml" in said, (url, said)
    assert far.seen == []
    assert gateway.refused == (f"127.0.0.1:{far.port}", "evil.example.com", "169.254.169.254", "1.1.1.1")


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('1.1.1.1', 443), 2)",
        "import socket; socket.create_connection(('127.0.0.1', {port}), 2)",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import os; os.remove('/devtask/door')",
        "open('/devtask/relay.py', 'a')",
    ],
)
def test_abu_20_there_is_no_way_beside_it(tmp_path: Path, far: Far, code: str):
    with _gateway(tmp_path, Host("127.0.0.1", far.port, ours=True)) as gateway:
        assert Inside(tmp_path, gateway).run(code.replace("{port}", str(far.port)))[0] != 0
    assert far.seen == []


def test_what_passes_is_counted_and_ends_at_the_cap(tmp_path: Path, far: Far):
    caps = Caps(received=300_000)
    with _gateway(tmp_path, Host("127.0.0.1", far.port, ours=True), caps=caps) as gateway:
        inside = Inside(tmp_path, gateway)
        assert inside.run(ASK, f"{far.url}/1")[0] == 0
        assert inside.run(ASK, f"{far.url}/2")[0] == 1
        code, said = inside.run(ASK, f"{far.url}/3")
        assert code == 1 and "received more than it may" in said and gateway.spent == "received"


def test_what_is_sent_out_has_a_cap_of_its_own(tmp_path: Path, far: Far):
    send = TUNNEL.replace('b"GET /page HTTP/1.0\\r\\n\\r\\n"', 'b"x" * 500_000')
    with _gateway(tmp_path, Host("127.0.0.1", far.port, ours=True), caps=Caps(sent=100_000)) as gateway:
        Inside(tmp_path, gateway).run(send, f"127.0.0.1:{far.port}")
        assert gateway.spent == "sent"


def test_the_exit_code_and_the_output_are_the_commands_own(tmp_path: Path):
    with _gateway(tmp_path) as gateway:
        assert Inside(tmp_path, gateway).run("import os; print(os.getppid()); raise SystemExit(7)")[0] == 7


def test_the_machines_own_proxy_is_used_and_its_password_stays_outside(tmp_path: Path, far: Far):
    upstream = of_environment({"http_proxy": f"http://ana:p%40ss@127.0.0.1:{far.port}", "no_proxy": "localhost"})
    upstream = Upstream(upstream.plain, upstream.plain)
    hosts = (Host("index.example.org", ours=True),)
    with _gateway(tmp_path, *hosts, upstream=upstream) as gateway:
        inside = Inside(tmp_path, gateway)
        assert inside.run(ASK, "http://index.example.org/simple/")[0] == 0
        code, said = inside.run(ASK, "https://index.example.org/simple/")
        assert code == 1 and "407" in said and "p@ss" not in said
        assert "p@ss" not in inside.run("import os; print(dict(os.environ), open('/proc/1/environ').read())")[1]
    opens = f"Basic {base64.b64encode(b'ana:p@ss').decode()}"
    assert [(one[0], one[1]) for one in far.seen] == [
        ("GET", "http://index.example.org/simple/"),
        ("CONNECT", "index.example.org:443"),
    ]
    assert all(one[2]["proxy-authorization"] == opens for one in far.seen)


def test_a_repository_may_not_name_a_private_network():
    with pytest.raises(Unreachable, match="private network"):
        connect("localhost", 80, private=False)


@pytest.mark.parametrize(
    ("text", "name", "port"),
    [
        ("example.org", "example.org", None),
        (" Example.ORG. ", "example.org", None),
        ("*.example.org", "*.example.org", None),
        ("example.org:8443", "example.org", 8443),
        ("x-y.example.org", "x-y.example.org", None),
    ],
)
def test_hosts_as_a_repository_writes_them(text: str, name: str, port: int | None):
    assert written(text) == Host(name, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://example.org",
        "example.org/x",
        "localhost",
        "10.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "*",
        "*.test",
        "a b.test",
        "example.org:0",
        "example.org:99999",
        "-x.org",
        "x" * 300 + ".org",
        "u@example.org",
    ],
)
def test_what_is_no_host_is_said_so(text: str):
    with pytest.raises(ValueError, match="host"):
        written(text)


@pytest.mark.parametrize(
    ("host", "asked_for", "admitted"),
    [
        (Host("a.test"), ("a.test", 443), True),
        (Host("a.test"), ("a.test", 80), True),
        (Host("a.test"), ("a.test", 22), False),
        (Host("a.test"), ("b.a.test", 443), False),
        (Host("a.test"), ("xa.test", 443), False),
        (Host("*.a.test"), ("b.a.test", 443), True),
        (Host("*.a.test"), ("a.test", 443), False),
        (Host("*.a.test"), ("xa.test", 443), False),
        (Host("a.test", 8443), ("a.test", 8443), True),
        (Host("a.test", 8443), ("a.test", 443), False),
    ],
)
def test_who_is_admitted(host: Host, asked_for: tuple[str, int], admitted: bool):
    assert host.admits(*asked_for) is admitted


def test_the_machines_own_entry_counts_before_the_repositorys():
    wanted = asked(b"CONNECT a.test:443 HTTP/1.1\r\n\r\n")
    assert admitting(wanted, [Host("*.test"), Host("a.test", ours=True)]) == Host("a.test", ours=True)


@pytest.mark.parametrize(
    ("line", "host", "port", "target"),
    [
        (b"CONNECT A.test:443 HTTP/1.1", "a.test", 443, None),
        (b"CONNECT [::1]:443 HTTP/1.1", "::1", 443, None),
        (b"GET http://a.test/x?y=1 HTTP/1.1", "a.test", 80, "/x?y=1"),
        (b"GET http://u:p@a.test:81 HTTP/1.0", "a.test", 81, "/"),
    ],
)
def test_requests_are_read(line: bytes, host: str, port: int, target: str | None):
    found = asked(line + b"\r\nHost: other.test\r\nProxy-Connection: keep-alive\r\nAccept: */*\r\n\r\n")
    assert (found.host, found.port, found.target) == (host, port, target)
    if target is not None:
        assert page_head(found).decode().split("\r\n")[1:4] == [f"Host: {found}", "Accept: */*", "Connection: close"]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST http://a.test/ HTTP/1.1\r\n\r\n",
        b"CONNECT a.test HTTP/1.1\r\n\r\n",
        b"CONNECT a org:443 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01",
        b"CONNECT a.test\x00:443 HTTP/1.1\r\n\r\n",
        b"GET http://a.test:x/ HTTP/1.1\r\n\r\n",
        b"GET ftp://a.test/ HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_request_is_none(head: bytes):
    with pytest.raises(NoRequest):
        asked(head)


def test_the_refusal_is_one_line_that_says_what_to_write():
    assert "\n" not in refusal("a.test") and ".github/devtask.yml" in refusal("a.test")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("1.1.1.1", True),
        ("10.1.2.3", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("fe80::1%eth0", False),
        ("2606:4700::1111", True),
        ("224.0.0.1", False),
    ],
)
def test_addresses_of_the_internet(address: str, public: bool):
    assert is_public(address) is public


def test_index_addresses_become_hosts():
    urls = ["https://a.test/simple", "http://u:p@b.test:8080/x", "sparse+https://c.test/", "/srv/wheels", "file:///x"]
    assert [str(host) for host in of_urls(urls)] == ["a.test", "b.test:8080", "c.test"]
    assert all(host.ours for host in of_urls(urls))


def test_the_machines_proxies_are_read_as_curl_reads_them():
    found = of_environment({"HTTPS_PROXY": "http://up.example:3128", "no_proxy": "x.org,.y.org,z.org:8080"})
    assert found.proxy_for("a.test", tunnel=True) == Proxy("up.example", 3128)
    assert found.proxy_for("a.test", tunnel=False) is None
    assert [found.proxy_for(name, tunnel=True) for name in ("x.org", "a.y.org", "z.org")] == [None, None, None]
    with pytest.raises(ValueError, match="must be http"):
        of_environment({"https_proxy": "socks5://x:1"})
