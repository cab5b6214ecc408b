"""The microscope: a trace as an HTML page that computes all its numbers itself."""
