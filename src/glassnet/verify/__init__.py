"""The proof that the hand-written derivatives are right: one table of cases, four judges."""
