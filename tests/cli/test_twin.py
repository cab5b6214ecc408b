"""`glassnet twin` of every named network, in this process: each one with the fewest weights."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glassnet.cli import app
from glassnet.cli.printing import log_messages
from glassnet.runs.defaults import NETWORKS

SMALL = {
    "mlp": "--hidden 8",
    "lenet": "--filters 2 --hidden 8",
    "cnn": "--filters 4 --depth 1",
    "resnet": "--filters 2 --depth 1",
    # These two have one size; 50 normalizations over 4 pixels each amplify rounding errors.
    "mobilenet-v2": "--batch-size 32",
    "efficientnet-lite0": "--batch-size 32",
    "vit": "--width 8 --depth 1 --heads 2",
    "rnn": "--units 4 --depth 1",
    "lstm": "--units 4 --depth 1",
    "gru": "--units 4 --depth 1",
    "text-transformer": "--width 8 --depth 1 --heads 2 --tokenizer byte --max-length 12"
    " --text-column said --label-column what",
    "char-lm": "--width 8 --depth 1 --heads 2 --max-length 16",
    "tabular": "--hidden 4 --members 2 --target y --task numbers",
    "joined": "--width 4 --target what",
    "recommender": "--hidden 4 --batch-size 8",
}
DATA = {
    "text-transformer": "said.csv", "char-lm": "book.txt", "tabular": "rows.csv",
    "joined": "reviews.csv", "recommender": "events.csv",
}  # fmt: skip


FAST = ("mlp", "text-transformer", "resnet")  # resnet has no dropout to switch off


@pytest.mark.parametrize(
    "network",
    [pytest.param(n, marks=() if n in FAST else pytest.mark.slow) for n in NETWORKS],
)
def test_every_network_has_engine_parity(
    network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jax")
    monkeypatch.chdir(tmp_path)
    rows = [f"{('an awful', 'a lovely')[i % 2]} film {i},{'-+'[i % 2]}" for i in range(60)]
    (tmp_path / "said.csv").write_text("\n".join(["said,what", *rows]))
    rows = [f"a film that we saw at home on day {i},{i / 7},{'ab'[i % 2]}" for i in range(60)]
    (tmp_path / "reviews.csv").write_text("\n".join(["text,n,what", *rows]))
    rows = [f"{i / 7},{i % 13},{i % 5}.5" for i in range(60)]
    (tmp_path / "rows.csv").write_text("\n".join(["a,b,y", *rows]))
    rows = [f"u{i % 12},i{(i + i // 12) % 29},{i}" for i in range(200)]
    (tmp_path / "events.csv").write_text("\n".join(["user,item,time", *rows]))
    (tmp_path / "book.txt").write_text("the cat sat on the mat. " * 100)
    with log_messages():
        done = CliRunner().invoke(
            app,
            ["twin", DATA.get(network, "digits"), "--network", network, "--steps", "1",
             "--dtype", "float64", "--batch-size", "4", "--json", *SMALL[network].split()],
        )  # fmt: skip
    assert done.exit_code == 0, (done.output, done.exception)
    (verdict,) = json.loads(done.stdout)["verdicts"]
    assert verdict["agrees"]
    assert verdict["steps"] == 1
    assert "numpy, jax in float64: step 1 of 1" in done.stderr
