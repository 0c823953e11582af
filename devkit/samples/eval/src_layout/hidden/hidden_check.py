from intervals import Interval, merge

I = Interval
assert merge([I(1, 10), I(2, 3)]) == [I(1, 10)]
assert merge([I(1, 10), I(2, 3), I(9, 12)]) == [I(1, 12)]
assert merge([I(9, 12), I(12, 14)]) == [I(9, 14)]
assert merge([I(12, 14), I(9, 12), I(14, 15)]) == [I(9, 15)]
assert merge([I(1, 2), I(3, 4)]) == [I(1, 2), I(3, 4)]
assert sum(one.length for one in merge([I(0, 100), I(10, 20), I(30, 40)])) == 100
print("all hold")
