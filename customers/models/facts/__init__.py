"""Facts as rows: what was bought, agreed and lived through, and what earlier files said of it."""
