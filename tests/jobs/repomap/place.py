"""A mirror with one commit, made without a work tree."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from jobs.git.mirror import Mirror

SHOP = {
    "README.md": "# Shop\n",
    "src/shop/__init__.py": "",
    "src/shop/errors.py": "class OutOfStock(Exception):\n    pass\n",
    "src/shop/warehouse.py": (
        "from shop.errors import OutOfStock\n\nSHELVES = 12\n\n\nclass Warehouse:\n    def __init__(self) -> None:\n"
        "        self.stock = {}\n\n    def take_out(self, sku: str, count: int) -> None:\n"
        "        raise OutOfStock(sku)\n"
    ),
    "src/shop/cart.py": (
        "from shop.warehouse import Warehouse\n\n\nclass Cart:\n    def add_item(self, warehouse: Warehouse) -> None:\n"
        "        warehouse.take_out('a', 1)\n"
    ),
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_a_cart_is_empty():\n    assert Cart()\n",
    "web/page.js": "export function render(cart) { return cart.total }\n",
}


def place(folder: Path, files: Mapping[str, str | bytes], number: int = 1) -> tuple[Mirror, str]:
    """The mirror and its commit."""
    mirror = Mirror(folder / "repos", number)
    environment = {"PATH": os.defpath, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    if not mirror.path.exists():
        mirror.path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "init", "-q", "--bare", str(mirror.path)], env=environment, check=True)
    stream = [b"commit refs/heads/main\ncommitter p <p@x> 1700000000 +0000\ndata 1\nx\ndeleteall\n"]
    for path, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        quoted = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        stream.append(b'M 100644 inline "%s"\ndata %d\n%s\n' % (quoted, len(data), data))
    command = ["git", "fast-import", "--quiet", "--force"]
    subprocess.run(command, input=b"".join(stream), cwd=mirror.path, env=environment, check=True)
    return mirror, mirror.git.text("rev-parse", "refs/heads/main")
