import unittest

from wrap import wrap


class WrapTest(unittest.TestCase):
    def test_a_short_text_is_one_line(self):
        self.assertEqual(wrap("one two", 20), ["one two"])

    def test_a_long_text_is_broken_between_words(self):
        self.assertEqual(wrap("one two three", 8), ["one two", "three"])


if __name__ == "__main__":
    unittest.main()
