"""The workstation side: a trained network becomes a bundle."""
