import unittest
from fractions import Fraction

from kitchen.amounts import read_amount, write_amount


class AmountTest(unittest.TestCase):
    def test_a_mixed_number_is_read(self):
        self.assertEqual(read_amount("1 1/2 l water"), (Fraction(3, 2), "l water"))

    def test_what_has_no_amount_is_only_text(self):
        self.assertEqual(read_amount("salt"), (None, "salt"))

    def test_a_mixed_number_is_written(self):
        self.assertEqual(write_amount(Fraction(3, 2)), "1 1/2")
