"""Plots as SVG, by hand: a device's report needs no plotting library and no network."""
