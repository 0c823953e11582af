from pathlib import Path

from größen.länge import in_meter


def near(text, meter):
    assert abs(in_meter(text) - meter) < 1e-12, text


near("3 µm", 3e-6)  # the micro sign
near("3 \u03bcm", 3e-6)  # the Greek letter
near("1,5 m", 1.5)
near("1.5 m", 1.5)
near("12 cm", 0.12)
for wrong in ("12", "1,2,3 m", "drei m", "3 µg"):
    try:
        in_meter(wrong)
    except ValueError:
        continue
    raise SystemExit(f"{wrong!r} was accepted")
assert Path("daten/año 2026/maße.txt").read_text(encoding="utf-8") == "Höhe 12 cm\n"
print("all hold")
