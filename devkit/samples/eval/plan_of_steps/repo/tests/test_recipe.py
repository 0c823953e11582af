import unittest

from kitchen.recipe import read_recipe

SOUP = "Soup, for 4\n1 1/2 l water\n3 onions\nsalt"


class RecipeTest(unittest.TestCase):
    def test_a_recipe_is_written_as_it_was_read(self):
        self.assertEqual(str(read_recipe(SOUP)), SOUP)
