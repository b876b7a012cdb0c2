"""Where results go: JSON Lines, pictures, video, summaries."""
