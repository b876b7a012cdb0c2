"""What a store of bundles survives: faults at every call, kills, and cuts of the power."""
