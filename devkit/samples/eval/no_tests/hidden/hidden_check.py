import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from colsum import total

assert total([{"a": "1"}, {"a": ""}, {"a": "  "}, {"a": "2.5"}], "a") == Decimal("3.5")
assert total([], "a") == 0
file = Path("hidden.csv")


def colsum(text, column):
    file.write_text(text)
    done = subprocess.run([sys.executable, "colsum.py", str(file), column], capture_output=True, text=True)
    return done.returncode, done.stdout.strip(), done.stderr


assert colsum("item,amount\ntea,4.50\ncup,\n", "amount")[:2] == (0, "4.50")
code, out, said = colsum("item,amount\ntea,4.50\n", "price")
assert code == 1 and out == "" and "price" in said and "amount" in said and "Traceback" not in said, said
assert colsum("item,amount\ntea,4.50\n", "amount")[:2] == (0, "4.50")
file.unlink()
print("all hold")
