"""Building the same network as a Keras model: layers, weights, losses and optimizers."""
