"""The guard of the tests: what was tested before is still tested, at least as sharply, by the rules of before.

reading    texts -> what they test, in a process of its own; one reader for Python (AST), one for JavaScript and
           TypeScript (tree-sitter), one for the rest (lines)
compare    what is tested before and after -> what became weaker; meaning counts, neither lines nor places
config     test configuration before and after
runner     code that reaches for the test runner or stands in for it
named      what the approved plan allows by naming it
guard      all of it as a check
"""
