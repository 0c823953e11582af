"""Why a setup failed, out of what the tools really print."""

from __future__ import annotations

import pytest

from jobs.setup.diagnose import Cause, diagnose, error_lines

PG = """Collecting psycopg2
  Using cached psycopg2-2.9.9.tar.gz (384 kB)
  error: subprocess-exited-with-error
  x python setup.py egg_info did not run successfully.
      Error: pg_config executable not found.
      pg_config is required to build psycopg2 from source.
note: This error originates from a subprocess, and is likely not a problem with pip.
"""
TUNNEL = (
    "WARNING: Retrying: ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 x.org is no "
    "package index of this installation'))\nERROR: No matching distribution found for x"
)


@pytest.mark.parametrize(
    ("output", "cause", "what"),
    [
        (PG, Cause.SYSTEM, "pg_config"),
        ("src/_x.c:4:10: fatal error: libxml/xmlversion.h: No such file or directory", Cause.SYSTEM, "xmlversion.h"),
        ("error: command 'gcc' failed: No such file or directory", Cause.SYSTEM, "gcc"),
        ("/bin/bash: line 1: cmake: command not found", Cause.SYSTEM, "cmake"),
        ("sh: 1: node-gyp: not found", Cause.SYSTEM, "node-gyp"),
        ("gyp ERR! stack Error: not found: make", Cause.SYSTEM, "make"),
        ("error: linker `cc` not found", Cause.SYSTEM, "cc"),
        ("/usr/bin/ld: cannot find -lpq: No such file", Cause.SYSTEM, "pq"),
        ("ImportError: libGL.so.1: cannot open shared object file", Cause.SYSTEM, "libGL.so.1"),
        ("ERROR: Package 'x' requires a different Python: 3.11.2 not in '>=3.13'", Cause.PYTHON, ">=3.13"),
        ("error: This repository requires Python >=3.13; here is only Python 3.11.2.", Cause.PYTHON, ">=3.13"),
        ("Current Python version (3.11.2) is not allowed by the project (^3.13).", Cause.PYTHON, "^3.13"),
        ("error: No interpreter found for Python 3.13 in managed installations", Cause.PYTHON, "3.13"),
        ("npm ERR! code EBADENGINE\nnpm ERR! engine Unsupported engine: wanted node >=22", Cause.PYTHON, "node >=22"),
        (TUNNEL, Cause.HOST, "x.org"),
        ("ERROR: No matching distribution found for sixx==9 (from x)", Cause.PACKAGE, "sixx==9"),
        ("npm error 404 Not Found - GET https://registry.example/no-such-pkg", Cause.PACKAGE, "no-such-pkg"),
        ("error: no matching package named `no_such` found", Cause.PACKAGE, "no_such"),
        ("something else", Cause.OTHER, ""),
    ],
)
def test_causes(output: str, cause: Cause, what: str):
    found = diagnose(output, refused=("x.org",) if cause is Cause.HOST else ())
    assert found.cause is cause and what in found.what


def test_what_we_did_ourselves_comes_first():
    assert diagnose(PG, timed_out=True).cause is Cause.TIME
    assert diagnose(PG, spent=True).cause is Cause.BYTES
    assert diagnose(PG, limit="disk").cause is Cause.DISK


def test_a_refused_host_that_the_log_does_not_name_is_the_cause_only_where_nothing_else_is():
    assert diagnose(PG, refused=("telemetry.example",)).cause is Cause.SYSTEM
    assert diagnose("it broke", refused=("a.test", "b.test")).what == "a.test, b.test"


def test_the_lines_that_matter_are_found_in_a_long_log():
    log = "".join(f"Downloading part {n}\n" for n in range(3_000)) + PG + "".join(f"later {n}\n" for n in range(500))
    assert "Error: pg_config executable not found." in error_lines(log)
    assert "Downloading" not in error_lines(log) and "not a problem with pip" not in error_lines(log)


def test_many_error_lines_keep_the_first_and_the_last():
    found = error_lines("".join(f"error {n}\n" for n in range(100))).splitlines()
    assert found[0] == "error 0" and found[-1] == "error 99" and "[...]" in found and len(found) == 13


def test_without_an_error_line_the_end_is_shown():
    assert error_lines("".join(f"line {n}\n" for n in range(50))).splitlines()[-1] == "line 49"
    assert error_lines("") == ""
