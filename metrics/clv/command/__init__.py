"""The engine from a shell: a file in, JSON or a small table out, nothing stored."""
