"""Checks of raw rows before the first epoch: doubts that name the column, the row and the fix."""
