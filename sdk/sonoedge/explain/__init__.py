"""What a frame's suspicion hangs on: parts of the picture are blurred, and the engine is asked.

Only the device's own graph is needed, of any variant. Every map is tested before it is drawn.
"""
