"""Training: one step, the loop over epochs, and what may watch and stop it. Read step.py first."""
