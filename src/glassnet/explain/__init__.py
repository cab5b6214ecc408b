"""Why does a network say what it says of an example, and can the answer be believed?"""

from glassnet.explain.explanation import Evidence, Explanation
from glassnet.explain.methods import METHODS, Question, explain

__all__ = ["METHODS", "Evidence", "Explanation", "Question", "explain"]
