from pathlib import Path

from settings import read

assert read("colour = red      ; a comment") == {"colour": "red"}
assert read('title = "a ; b"') == {"title": "a ; b"}
assert read('title = "a ; b"  ; and so on "quoted"') == {"title": "a ; b"}
assert read("a = 1;2 ; c") in ({"a": "1"}, {"a": "1;2"})
assert read("a = 1\nb=two") == {"a": "1", "b": "two"}
for name in ("settings.py", "test_settings.py", "README.txt"):
    data = Path(name).read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 5, f"{name}: not every line ends with CR LF"
print("all hold")
