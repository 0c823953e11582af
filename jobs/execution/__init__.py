"""One step of an approved plan: agent, checks, commit, the last word on a fresh checkout, push, record."""
