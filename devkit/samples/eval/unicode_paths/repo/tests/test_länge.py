import unittest

from größen.länge import in_meter


class LängeTest(unittest.TestCase):
    def test_zentimeter(self):
        self.assertAlmostEqual(in_meter("12 cm"), 0.12)

    def test_ohne_einheit(self):
        with self.assertRaises(ValueError):
            in_meter("12")
