"""The command line of the workstation side."""
