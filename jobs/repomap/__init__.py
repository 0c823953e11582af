"""The repository map: what is in a commit that matters to a request or a step, within a token budget.

build.py puts it together: which files (sources.py); what each defines and uses, by tree-sitter in a process of its own
(parsing.py, worker.py, syntax.py) or by ctags (tags.py), kept per blob (cache.py); which of it matters (query.py,
rank.py); how it reads (page.py, tokens.py). asked.py says what the planner and the executor get.
The same commit, query and budget give the same bytes in any process, so that prompt caches hold.
"""
