"""The repository map: what is in a commit that matters to a request or a step, within a token budget.

build.py puts it together: which files (sources.py), what each defines and uses (syntax.py by tree-sitter, tags.py by
ctags, kept per blob by cache.py), which of it matters (query.py, rank.py), and how it reads (page.py, tokens.py).
asked.py says what the planner and the executor get.
The same commit, query and budget give the same bytes in any process, so that prompt caches hold.
"""
