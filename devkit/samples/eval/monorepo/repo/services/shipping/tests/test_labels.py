import unittest

from shipping.labels import label


class LabelTest(unittest.TestCase):
    def test_empty_parts_are_left_out(self):
        self.assertEqual(label("Ana", " ", "Turin "), "Ana\nTurin")
