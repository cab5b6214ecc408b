"""How good is a trained network, and what does it look like inside?"""
