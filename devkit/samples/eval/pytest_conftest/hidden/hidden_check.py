from stock import Stock

for wanted in (11, 0, -1):
    stock = Stock(10)
    try:
        stock.take(wanted)
    except ValueError:
        assert stock.pieces == 10
    else:
        raise SystemExit(f"take({wanted}) was accepted")
assert Stock(10).take(10) == 0 and Stock(10).take(1) == 9
print("all hold")
