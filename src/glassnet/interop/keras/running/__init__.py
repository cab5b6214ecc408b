"""Running the Keras model: training it, and comparing it with glassnet step by step."""
