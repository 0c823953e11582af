"""Git by explicit commands of the parent: one bare mirror per repository, one plain tree and private index per task.

No folder that repository code may write to ever holds a git directory, and no git command reads configuration, hooks,
filters or attributes from one (docs: promises on git).
"""
