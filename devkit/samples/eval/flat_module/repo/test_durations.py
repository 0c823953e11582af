import unittest

from durations import parse, spell


class ParseTest(unittest.TestCase):
    def test_hours_and_minutes_add_up(self):
        self.assertEqual(parse("1h 30m"), 5400)

    def test_seconds_alone(self):
        self.assertEqual(parse("45s"), 45)

    def test_what_has_no_unit_is_refused(self):
        with self.assertRaises(ValueError):
            parse("soon")


class SpellTest(unittest.TestCase):
    def test_nothing_is_said_of_units_that_are_not_needed(self):
        self.assertEqual(spell(5400), "1h 30m")

    def test_nothing_takes_no_time(self):
        self.assertEqual(spell(0), "0s")


if __name__ == "__main__":
    unittest.main()
