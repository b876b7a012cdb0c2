"""ONNX graphs, float or quantized, as LiteRT's own files, without another quantizer."""
