"""The page's JavaScript in Node.js: everything but what draws."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from glassnet.tracing.microscope.page import SCRIPTS, script

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")

# Reads the jobs; writes what the code of the test returns for each.
DRIVER = """
const jobs = JSON.parse(require("fs").readFileSync(0, "utf8"));
(async () => {
  const answers = [];
  for (const job of jobs) answers.push(await (async () => { CODE })());
  console.log(JSON.stringify(answers, (key, value) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value)
      : ArrayBuffer.isView(value) ? Array.from(value) : value));
})();
"""


def answers(code: str, jobs: list[Any]) -> Any:
    """What the code, the body of a function of `job`, returns for each of the jobs."""
    engine = script(SCRIPTS[: SCRIPTS.index("dom")]).removesuffix("})();\n")
    source = engine + DRIVER.replace("CODE", code) + "})();\n"
    done = subprocess.run(
        [str(NODE), "-e", source],
        input=json.dumps(jobs), capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def number(value: Any) -> float:
    """A number of an answer."""
    return float({"Infinity": "inf", "-Infinity": "-inf"}.get(value, value))
