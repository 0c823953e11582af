import time
import unittest

from patience import attempt


class Flaky:
    def __init__(self, failures):
        self.failures = failures
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise OSError(f"call {self.calls}")
        return "done"


class AttemptTest(unittest.TestCase):
    def test_what_works_is_called_once(self):
        work = Flaky(0)
        self.assertEqual(attempt(work), "done")
        self.assertEqual(work.calls, 1)

    def test_the_wait_doubles(self):
        started = time.monotonic()
        self.assertEqual(attempt(Flaky(2), times=4, wait=0.3), "done")
        self.assertGreaterEqual(time.monotonic() - started, 0.9)

    def test_patience_pays(self):
        started = time.monotonic()
        self.assertEqual(attempt(Flaky(1), times=3, wait=0.8), "done")
        self.assertGreaterEqual(time.monotonic() - started, 0.8)
