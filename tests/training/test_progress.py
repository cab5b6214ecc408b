"""What a person sees: plain lines in a file, one line that renews itself on a terminal."""

import io

from glassnet.training.callbacks import Record
from glassnet.training.progress import Progress

RECORD = Record(1, 12, 3, 10, {"accuracy": 0.5, "loss": 1.25}, 2.0)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO) -> str:
    progress = Progress(stream)
    progress.on_train_begin(RECORD)
    progress.on_segment_end(RECORD)
    progress.on_segment_end(RECORD)  # too soon for another redraw
    progress.on_epoch_end(RECORD)
    return stream.getvalue()


def test_a_file_gets_one_plain_line_an_epoch() -> None:
    assert shown(io.StringIO()) == "epoch  2/12  accuracy 0.5000  loss 1.2500  2.0 s\n"


def test_a_terminal_gets_a_line_that_is_wiped_before_the_row() -> None:
    live, row = shown(Terminal()).rsplit("\r", 1)
    assert row == "epoch  2/12  accuracy 0.5000  loss 1.2500  2.0 s\n"
    assert live.count("steps/s") == 1
    assert "\n" not in live
