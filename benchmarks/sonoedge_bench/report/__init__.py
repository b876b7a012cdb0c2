"""Documents for people: on the terminal, as Markdown, CSV, and one HTML file."""
