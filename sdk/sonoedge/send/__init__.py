"""Reports to an archive: over DICOM's own network protocol, or over the web (STOW-RS).

Nothing here runs unless `sonoedge send` names a peer.
"""
