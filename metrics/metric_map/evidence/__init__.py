"""What the company's own data say of the links: looked for weekly, shown beside what was agreed."""
