from convert import to_celsius, to_fahrenheit


def refused(convert, degrees):
    try:
        convert(degrees)
    except ValueError:
        return True
    return False


assert to_celsius(212) == 100 and to_celsius(32) == 0 and to_celsius(-40) == -40
assert to_fahrenheit(100) == 212 and to_fahrenheit(-40) == -40
assert abs(to_fahrenheit(-273.15) + 459.67) < 1e-9
for degrees in (-273.16, -274, -1000):
    assert refused(to_fahrenheit, degrees), degrees
for degrees in (-459.68, -460, -5000):
    assert refused(to_celsius, degrees), degrees
print("all hold")
