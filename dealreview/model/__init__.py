"""Records that pass between the layers: plain attrs objects, no input or output."""
