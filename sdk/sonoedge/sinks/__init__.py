"""Where results go while they are made: to peers that must never delay the analysis."""
