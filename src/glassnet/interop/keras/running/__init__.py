"""Running a Keras model: training it, and comparing its layers and steps with glassnet's."""
