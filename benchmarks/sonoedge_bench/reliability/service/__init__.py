"""What a host in C gets through `sonoedge serve`, and what kills leave behind."""
