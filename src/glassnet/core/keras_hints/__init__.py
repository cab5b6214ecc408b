"""Hints for names that Keras has and glassnet lacks, in one table for each way to use a name.

| what a user writes                              | table                   |
|-------------------------------------------------|-------------------------|
| `fit(workers=4)`, `Conv2D(8, 3, lora_rank=2)`   | `arguments.ARGUMENTS`   |
| `model.add_loss`                                | `attributes.ATTRIBUTES` |
| `def train_step(...)` in an own class           | `methods.METHODS`       |
| `from glassnet.layers import RNN`, `loss="ctc"` | `names.NAMES`           |

A hint is a sentence that follows the error, and says what to write instead.
"""
