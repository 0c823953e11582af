"""What stands in JavaScript and TypeScript files, read by tree-sitter in a process of its own."""
