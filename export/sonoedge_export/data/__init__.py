"""Labelled and calibration frames, as the recipe names them."""
