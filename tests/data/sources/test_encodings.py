"""The hint to the encoding of texts that are not UTF-8."""

import re
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.sources.encodings import encoding_hint
from glassnet.data.sources.text_files import utf8_of

WESTERN = "Windows-1252 or Latin-1 (Western European)"


def hint(text: str, coding: str) -> tuple[str, str]:
    data = text.encode(coding)
    with pytest.raises(UnicodeDecodeError) as caught:
        data.decode()
    return encoding_hint(data, caught.value.start)


@pytest.mark.parametrize("coding", ["latin-1", "cp1252"])
@pytest.mark.parametrize(
    "text",
    [
        "text,label\nun café s'il vous plaît,a\nça va très bien,b\n" * 9,
        "text,label\nMädchen und Straße über Äpfel,a\ngrün,b\n" * 9,
        "text,label\nel niño y la señora,a\n¿dónde está la estación?,b\n" * 9,
        "text,label\nplain,a\n" * 999 + "café,b\n",
    ],
)
def test_western_text_is_recognized(text: str, coding: str) -> None:
    what, fix = hint(text, coding)
    assert WESTERN in what
    assert "--encoding cp1252" in fix


@pytest.mark.parametrize(
    ("coding", "name", "text"),
    [
        ("gb18030", "GB18030", "评论,标签\n这部电影很好看,正面\n不好，浪费时间,负面\n"),
        ("big5", "BIG5", "評論,標籤\n這部電影很好看,正面\n不好，浪費時間,負面\n"),
        ("shift_jis", "CP932", "テキスト,ラベル\nこの映画はとても良かった,良い\n"),
        ("euc_jp", "EUC-JP", "テキスト,ラベル\nこの映画はとても良かった,良い\n"),
        ("euc_kr", "CP949", "텍스트,라벨\n이 영화는 정말 좋았어요,긍정\n"),
        ("cp949", "CP949", "text,label\nplain English with one word of 한국어,a\n"),
        ("gb18030", "GB18030", "text,label\n" + "plain English,a\n" * 99 + "好,b\n"),
        ("shift_jis", "CP932", "text,label\n" + "plain English,a\n" * 99 + "アイ,b\n"),
        ("cp1251", "CP1251", "текст,метка\nочень хороший фильм,да\n"),
        ("koi8_r", "CP1251", "текст,метка\nочень хороший фильм,да\n"),
        ("cp1253", "CP1253", "κείμενο,ετικέτα\nπολύ καλή ταινία,ναι\n"),
        ("cp1250", "another encoding", "text,label\nstół i łóżko są białe,a\nwłosy,b\n"),
        ("mac_roman", "another encoding", "text,label\nun café très bon,a\n"),
    ],
)
def test_other_encodings_are_never_taken_for_western_ones(
    coding: str, name: str, text: str
) -> None:
    what, fix = hint(text, coding)
    assert WESTERN not in what
    assert name in what
    named = re.search(r"--encoding (\S+)", fix)
    assert named is not None
    assert named[1] == "NAME" or text.encode(coding).decode(named[1]) == text


def test_damaged_utf8_is_not_another_encoding() -> None:
    data = "текст,метка\nочень хороший,да\n".encode()
    assert "most of the file is UTF-8" in encoding_hint(data + b"\xe9,b\n", len(data))[0]


def test_the_error_names_line_byte_and_candidates(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text,label\n评论,正\n".encode("gb18030"))
    with pytest.raises(GlassnetError, match=r"line 2 is not UTF-8 .*0xc6\); .* GB18030 \(Chinese"):
        utf8_of(str(tmp_path / "a.csv"))
