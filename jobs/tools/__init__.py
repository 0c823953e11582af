"""What the models' tools do. Their names, descriptions and limits stand in `ai.tools`; results are plain text that
teaches.
"""
