"""What a study shows in a notebook: its answer, its trials, the best of them."""

from glassnet.pages.html import Html, tag
from glassnet.pages.notebook import drawn, shown
from glassnet.plots.trials import trial_history
from glassnet.tuning.figures import trials_of
from glassnet.tuning.page import answer, best_trials
from glassnet.tuning.sentences import trials_sentence
from glassnet.tuning.study import Study


def html_of(study: Study) -> str:
    """The output of a notebook cell."""
    drawing = Html()
    if study.trials:
        history = trial_history(trials_of(study), study.best_so_far(), None)
        drawing = drawn(history, "The scores of the trials, and the best so far")
    words = tag("p", answer(study)), tag("p", f"{trials_sentence(study)}.", class_="soft")
    return shown(f"Study {study.name}", *words, drawing, best_trials(study))
