"""What all tests share."""

from hypothesis import settings

# No deadline: the machine is shared. The same examples at every run: a failure is no accident.
settings.register_profile("glassnet", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("glassnet")
