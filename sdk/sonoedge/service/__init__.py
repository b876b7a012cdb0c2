"""`sonoedge serve`: a live session for programs in other languages, over a local socket."""
