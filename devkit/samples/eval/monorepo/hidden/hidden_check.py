import sys

sys.path.insert(0, "services/billing")
from billing.invoice import Invoice, Line
from billing.tax import gross, tax

assert tax(50, "standard") == 10, tax(50)  # 9.5
assert tax(150, "standard") == 29  # 28.5: to even would be 28
assert tax(50, "reduced") == 4  # 3.5
assert tax(250, "reduced") == 18  # 17.5
assert tax(450, "reduced") == 32  # 31.5
assert tax(1000) == 190 and tax(1003) == 191 and tax(1002) == 190
assert gross(150) == 179
assert Invoice([Line("a", 75, pieces=2)]).total() == 179
assert isinstance(tax(150), int)
assert tax(10**17 + 50) == 19 * 10**15 + 10, "no floating point"
print("all hold")
