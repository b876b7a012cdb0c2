"""Second opinions: classical classifiers over the measures of regions, as graphs of their own."""
