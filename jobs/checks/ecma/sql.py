"""How SQL looks."""

from __future__ import annotations

import re

SQL = re.compile(
    r"(?is)\s*(select\b.+\bfrom|insert\s+into|replace\s+into|update\b.+\bset|delete\s+from|drop\s+table|alter\s+table"
    r"|create\s+table|truncate\s+table|with\b.+\bselect)\b"
)
TABLE = re.compile(r"(?i)\b(from|into|update|join|table)\s+[\"`\[]?$")
"""The end of the words before the name of a table."""
