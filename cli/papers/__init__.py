"""Papers made from the code, so that they cannot go stale. `python -m cli.papers` writes them, `--check` compares."""
