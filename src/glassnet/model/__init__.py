"""`Model`: a network with its weights, in memory and in its file."""
