"""Training: one step, the loop over epochs, callbacks and checkpoints. Read step.py first."""
