"""`Model`, a network with its weights: building, training, predicting, saving, drawing it."""
