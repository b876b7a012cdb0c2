"""Training a pruned network to answer like the unpruned one again."""
