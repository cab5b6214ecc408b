"""Pages: self-contained HTML files that work offline, and what they are made of."""
