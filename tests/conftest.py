"""Fixtures for every room, and how hypothesis draws: the same examples each time.

`HYPOTHESIS_PROFILE=search make test` draws others; what that finds becomes an `@example`.
"""

import os

from hypothesis import settings

from tests.support.databases import database_url, engine, postgres, sqlite_template, sqlite_url

__all__ = ["database_url", "engine", "postgres", "sqlite_template", "sqlite_url"]

settings.register_profile("same", derandomize=True)
settings.register_profile("search", max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
