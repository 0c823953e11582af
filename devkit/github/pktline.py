"""Just enough of git's packet format to put GitHub's own reason beside a refused ref."""

from __future__ import annotations

from collections.abc import Iterator

SIDEBAND_MAX = 65515


def packets(data: bytes) -> Iterator[bytes | None]:
    """Contents of each packet; None for a flush."""
    at = 0
    while at + 4 <= len(data):
        size = int(data[at : at + 4], 16)
        if size < 4:
            yield None
            at += 4
        else:
            yield data[at + 4 : at + size]
            at += size


def packet(content: bytes) -> bytes:
    return b"%04x" % (len(content) + 4) + content


def explain(output: bytes, reasons: dict[str, str]) -> bytes:
    """The answer of receive-pack with ``reasons`` (ref -> text) in its report, on side band 1 or plain."""
    found = list(packets(output))
    banded = [part for part in found if part and part[:1] in b"\x01\x02\x03"]
    if not banded:
        return _report(output, reasons)
    report = _report(b"".join(part[1:] for part in banded if part[:1] == b"\x01"), reasons)
    notes = b"".join(packet(part) for part in banded if part[:1] != b"\x01")
    pieces = [report[at : at + SIDEBAND_MAX] for at in range(0, len(report), SIDEBAND_MAX)]
    return notes + b"".join(packet(b"\x01" + piece) for piece in pieces) + b"0000"


def _report(data: bytes, reasons: dict[str, str]) -> bytes:
    return b"".join(b"0000" if part is None else packet(_line(part, reasons)) for part in packets(data))


def _line(part: bytes, reasons: dict[str, str]) -> bytes:
    words = part.decode("utf-8", "surrogateescape").rstrip("\n").split(" ", 2)
    if words[0] == "ng" and words[1] in reasons:
        return f"ng {words[1]} {reasons[words[1]]}\n".encode("utf-8", "surrogateescape")
    return part
