from wrap import wrap

assert wrap("aaa bbbb", 7) == ["aaa", "bbbb"]
assert wrap("aaa bbb", 7) == ["aaa bbb"]
assert wrap("", 10) == []
assert wrap("   ", 10) == []
assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
assert wrap("a abcdefghij b", 4) == ["a", "abcd", "efgh", "ij b"] or wrap("a abcdefghij b", 4) == ["a ab", "cdef", "ghij", "b"]
for width in range(1, 30):
    assert all(0 < len(line) <= width for line in wrap("it is a long way to the end of anything", width)), width
print("all hold")
