"""Engine parity: the same training steps on two engines, all values compared."""
