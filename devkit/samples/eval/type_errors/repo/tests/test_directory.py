import unittest

from people.directory import Directory, Person, greeting


class DirectoryTest(unittest.TestCase):
    def setUp(self):
        self.directory = Directory()
        self.directory.add(Person("ana@example.com", "Ana Lopez"))

    def test_a_letter_begins_with_the_first_name(self):
        self.assertEqual(greeting(self.directory, "ana@example.com"), "Dear Ana")
