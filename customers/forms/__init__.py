"""Forms: a file and its columns, people and their roles, the company, the read log."""
