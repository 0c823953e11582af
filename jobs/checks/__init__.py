"""Programs that judge: every result is a value with the command, its exit code and what was counted. No model has a
word here.
"""
