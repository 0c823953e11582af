import subprocess
import sys
from pathlib import Path

from kitchen.recipe import read_recipe


def kitchen(*words):
    done = subprocess.run([sys.executable, "-m", "kitchen", *words], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


SOUP = "Soup, for 4\n1 1/2 l water\n3 onions\nsalt\n"
assert kitchen("soup.txt") == (0, SOUP, "")
assert kitchen("soup.txt", "--portions", "4")[1] == SOUP
assert kitchen("soup.txt", "--portions", "2")[1] == "Soup, for 2\n3/4 l water\n1 1/2 onions\nsalt\n"
assert kitchen("soup.txt", "--portions", "6")[1] == "Soup, for 6\n2 1/4 l water\n4 1/2 onions\nsalt\n"
assert kitchen("soup.txt", "--portions", "3")[1] == "Soup, for 3\n1 1/8 l water\n2 1/4 onions\nsalt\n"
code, out, said = kitchen("soup.txt", "--portions", "0")
assert code == 2 and out == "" and "Traceback" not in said, said
recipe = read_recipe(SOUP)
assert str(recipe.scaled(8)).startswith("Soup, for 8\n3 l water\n6 onions")
assert str(recipe).strip() == SOUP.strip(), "a recipe does not change"
try:
    recipe.scaled(0)
except ValueError:
    pass
else:
    raise SystemExit("scaled(0) was accepted")
assert "--portions" in Path("README.md").read_text()
print("all hold")
