"""Explanations of a network's predictions, with evidence for and against trusting them."""

from glassnet.explain.explanation import Evidence, Explanation
from glassnet.explain.methods import METHODS, Question, explain

__all__ = ["METHODS", "Evidence", "Explanation", "Question", "explain"]
