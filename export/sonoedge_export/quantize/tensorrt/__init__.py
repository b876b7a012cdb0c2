"""The int8 and fp16 dialects that TensorRT takes."""
