"""A stateful GitHub on loopback: REST v3, git over smart HTTP, webhooks, web pages and an admin surface.

Runnable alone: ``python -m devkit.github --port N --data DIR``. Facts it holds to: docs/github-facts.md.
"""
