from intervals.merging import merge
from intervals.model import Interval

__all__ = ["Interval", "merge"]
