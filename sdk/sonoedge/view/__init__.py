"""The live page that `sonoedge view` shows in a browser of this machine."""
