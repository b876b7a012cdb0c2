"""OpenIGTLink: its messages, read within bounds and written; no socket is opened here.

Protocol: OpenIGTLink 3 (headers of version 1 and 2), https://github.com/openigtlink/OpenIGTLink.
"""
