"""Runs the programs with Keras and writes their results to `keras.json`.

`KERAS_BACKEND=tensorflow python -m tests.keras_guides.ask_keras`, from the checkout, where Keras
and PyTorch are installed. With words, only the programs whose names have one.
"""

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import keras

from tests.keras_guides.guide import plain, programs, run

FILE = Path(__file__).with_name("keras.json")


def main() -> None:
    words = sys.argv[1:] or [""]
    results, old = {}, json.loads(FILE.read_text()) if FILE.exists() else {}
    for program in programs():
        if program.refused or program.offline:
            continue
        if not any(word in program.name for word in words):
            results[program.name] = old.get(program.name)
            continue
        keras.utils.clear_session()
        with TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                results[program.name] = plain(run(program, keras))
            except ImportError as error:
                print(program.name, "is left as it was:", error)
                results[program.name] = old.get(program.name)
            except Exception as error:
                print(program.name, "FAILS:", type(error).__name__, str(error)[:300])
    lines = (f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in results.items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
