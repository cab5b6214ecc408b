"""Train two runs as `glassnet train` does, and compare them as `glassnet compare` does."""

import subprocess
import sys
import tempfile
from pathlib import Path


def glassnet(*arguments):
    """Run a command as in a terminal; here Python starts it, so that the example runs anywhere."""
    command = [sys.executable, "-m", "glassnet", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


with tempfile.TemporaryDirectory() as folder:
    common = ("--out", folder, "--epochs", "8", "--no-report")
    glassnet("train", "digits", "--name", "small", "--hidden", "8", *common)
    glassnet("train", "digits", "--name", "large", "--hidden", "128", *common)
    print(glassnet("compare", str(Path(folder) / "small"), str(Path(folder) / "large")))
