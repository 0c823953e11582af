"""Try again with growing waits."""

import time


def attempt(work, times=3, wait=0.1, sleep=time.sleep):
    """What `work` returns, called at most `times` times; the last error passes through."""
    for number in range(times - 1):
        try:
            return work()
        except Exception:
            sleep(wait * 2**number)
    raise RuntimeError("gave up")
