"""Retrospective screening: every recording of an archive, analysed as a device would have.

Each item of an archive (a clip, a DICOM file, a folder's pictures) is analysed in a process of
its own kind, on this machine (`pool`) or on a cluster's (`cluster`), and gives exactly one part
file, whose bytes hang on the item, the bundle and the versions alone.
"""
