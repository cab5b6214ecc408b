"""What surrounds the package: its metadata, what its wheel holds, the files that GitHub reads."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import glassnet

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/glassnet"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
FILES = [*ROOT.glob("*"), *ROOT.glob(".github/**/*")]
YAML = [path for path in FILES if path.suffix in (".yml", ".yaml", ".cff")]


def parsed(name: str) -> dict[str, Any]:
    text = (ROOT / name).read_text()
    return dict(yaml.load(text, Loader=yaml.BaseLoader))  # `on` stays a word


def test_every_file_that_is_no_module_is_package_data() -> None:
    """A wheel holds what the globs of pyproject.toml name: py.typed, the stub, the report's CSS."""
    globs = PROJECT["tool"]["setuptools"]["package-data"]["glassnet"]
    packed = {path for pattern in globs for path in PACKAGE.glob(pattern)}
    others = {
        path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert packed == others
    assert {"py.typed", "__init__.pyi"} <= {path.name for path in packed}
    assert any(path.suffix == ".css" for path in packed)


def test_the_metadata_says_what_the_package_is() -> None:
    project = PROJECT["project"]
    assert project["authors"] == [{"name": "The glassnet developers"}]
    assert "Typing :: Typed" in project["classifiers"]
    assert set(project["urls"]) == {"Homepage", "Documentation", "Changelog", "Issues"}
    least = re.sub(r"\D*3\.", "3.", project["requires-python"])
    assert f"Programming Language :: Python :: {least}" in project["classifiers"]


def test_every_declared_dependency_is_imported_somewhere() -> None:
    text = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    modules = {"scikit-learn": "sklearn", "pillow": "PIL"}
    for requirement in PROJECT["project"]["dependencies"]:
        name = re.split(r"[<>=]", requirement)[0]
        module = modules.get(name, name)
        if module == "rich":  # typer draws the help with it
            continue
        assert re.search(rf"^\s*(import|from) {module}\b", text, flags=re.M), name


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_yaml_parses(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_the_matrix_has_every_python_that_the_metadata_names() -> None:
    matrix = parsed(".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert matrix["python"] == named
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    extras = {"core", *PROJECT["project"]["optional-dependencies"]}
    assert set(matrix["engine"]) <= extras
    for excluded in matrix["exclude"]:
        for key, value in excluded.items():
            assert value in matrix[key]


def test_releases_are_published_from_tags_without_a_password() -> None:
    release = parsed(".github/workflows/release.yml")
    assert release["on"] == {"push": {"tags": ["v*"]}}
    assert release["jobs"]["publish"]["permissions"] == {"id-token": "write"}
    assert "password" not in str(release["jobs"])


def test_the_citation_is_of_this_version() -> None:
    assert parsed("CITATION.cff")["version"] == glassnet.__version__
