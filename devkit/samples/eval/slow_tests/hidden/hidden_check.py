from patience import attempt

waits = []


class Work:
    def __init__(self, failures, error=OSError):
        self.failures, self.error, self.calls = failures, error, 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error(f"call {self.calls}")
        return self.calls


assert attempt(Work(2), times=3, wait=1, sleep=waits.append) == 3
assert waits == [1, 2], waits
waits.clear()
work = Work(9)
try:
    attempt(work, times=3, wait=1, sleep=waits.append)
    raise SystemExit("nothing was raised")
except OSError as error:
    assert str(error) == "call 3", error
assert work.calls == 3 and waits == [1, 2], (work.calls, waits)
waits.clear()
assert attempt(Work(0), times=1, sleep=waits.append) == 1 and waits == []
try:
    attempt(Work(1, KeyboardInterrupt), times=3, sleep=waits.append)
except KeyboardInterrupt:
    assert waits == []
print("all hold")
