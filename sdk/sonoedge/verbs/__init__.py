"""One module per verb of the command line that the device side has."""
