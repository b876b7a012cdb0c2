"""Software bills of materials (CycloneDX): of a bundle, and of the device that runs it."""
