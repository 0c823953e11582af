import unittest

from settings import read


class ReadTest(unittest.TestCase):
    def test_pairs_are_read(self):
        self.assertEqual(read("a = 1\nb=two"), {"a": "1", "b": "two"})

    def test_a_comment_line_is_nothing(self):
        self.assertEqual(read("; nothing\n"), {})

    def test_quotes_are_taken_off(self):
        self.assertEqual(read('a = "x y"'), {"a": "x y"})

    def test_a_line_that_is_no_pair_is_named(self):
        with self.assertRaisesRegex(ValueError, "line 2"):
            read("a = 1\nb")


if __name__ == "__main__":
    unittest.main()
