"""What a command may use, and the result of running one."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Upper bounds for one command. Sizes in bytes. `processes` and `memory` are a cgroup's where one may be made."""

    cpu_seconds: int = 3_600
    file_bytes: int = 2_048 * MIB
    open_files: int = 4_096
    data_bytes: int = 4_096 * MIB
    processes: int = 512
    memory_bytes: int = 4_096 * MIB
    shm_bytes: int = 256 * MIB
    output_bytes: int = 32 * MIB
    disk_reserve: int = 1_024 * MIB

    def shell(self) -> str:
        """`ulimit` lines for the launching shell; dash counts file size in 512-byte blocks and memory in KiB."""
        return (
            f"ulimit -c 0; ulimit -t {self.cpu_seconds}; ulimit -f {self.file_bytes // 512}; "
            f"ulimit -n {self.open_files}; ulimit -d {self.data_bytes // 1024}; "
        )


@dataclass(frozen=True)
class Result:
    """What a command did. `exit_code` is 137 when it was killed; `statuses` are those of the last pipeline's parts.

    `output` is head and tail of what it printed; `output_path` names the whole of it as the sandbox sees it when it
    was cut. `limit` names the bound that ended it: output, disk, memory or processes. `background` are the processes
    it left behind.
    """

    exit_code: int
    output: str
    seconds: float
    statuses: tuple[int, ...] = ()
    timed_out: bool = False
    cancelled: bool = False
    limit: str | None = None
    background: tuple[str, ...] = ()
    output_bytes: int = 0
    output_path: str | None = None

    @property
    def killed(self) -> bool:
        """Whether we ended it."""
        return self.timed_out or self.cancelled or self.limit is not None


KILLED = 137
