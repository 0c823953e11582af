"""The tests of all services in one run: each service's folder is its import root."""

import sys
import unittest
from pathlib import Path

suite = unittest.TestSuite()
for service in sorted((Path(__file__).parent / "services").iterdir()):
    if (service / "tests").is_dir():
        sys.path.insert(0, str(service))
        suite.addTests(unittest.TestLoader().discover(str(service / "tests"), top_level_dir=str(service / "tests")))
done = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
sys.exit(not done.wasSuccessful())
