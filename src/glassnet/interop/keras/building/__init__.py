"""Building a network as a Keras model: layers, weights, losses, optimizers and metrics."""
