"""Fixtures for every room."""

from tests.support.databases import database_url, engine, postgres, sqlite_template, sqlite_url

__all__ = ["database_url", "engine", "postgres", "sqlite_template", "sqlite_url"]
