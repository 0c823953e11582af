from durations import parse, spell


def refused(text):
    try:
        parse(text)
    except ValueError:
        return True
    return False


assert refused("10 bananas 5m")
assert refused("1h 30")
assert refused("5m 1h"), "the bigger unit comes first"
assert refused("1h 2h"), "each unit at most once"
assert refused("") and refused("h") and refused("-5m")
assert parse("1h 30m") == 5400 and parse("2h") == 7200 and parse("1h 1m 1s") == 3661
assert parse("45s") == 45 and parse("1h30m") == 5400
for seconds in (1, 59, 60, 61, 3599, 3600, 86399):
    assert parse(spell(seconds)) == seconds
print("all hold")
