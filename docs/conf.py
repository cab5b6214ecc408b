"""The documentation site: `make docs` builds it with Sphinx to build/docs, for reading offline.

What is special about it lies in docs/site: formulas as MathML, docstrings as they are written here,
pages of the API and of the commands, and links to files outside docs.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "site"))

import look  # noqa: E402

import glassnet  # noqa: E402

project = "glassnet"
author = "The glassnet developers"
html_show_copyright = False
highlight_language = "text"  # of equations in docstrings
version = release = glassnet.__version__
extensions = [
    "myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton",
    "commands", "docstrings", "formulas", "links", "names", "notebooks",
    "sources",
]  # fmt: skip
exclude_patterns = ["site", "drawings"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # docstrings name types in words, not as references
suppress_warnings = ["myst.header"]  # pages begin sections as they need
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
autodoc_typehints = "none"  # signatures have the defaults; the types stand in the stub
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
add_module_names = False
html_title = "glassnet"
html_theme = "furo"
html_static_path = ["site/theme"]
html_css_files = ["look.css"]
html_show_search_summary = False  # would fetch the pages, which browsers forbid on file://
html_copy_source = html_show_sourcelink = False
_light, _dark = look.variables()
html_theme_options = {
    "light_css_variables": _light,
    "dark_css_variables": _dark,
    "top_of_page_buttons": [],
}
copybutton_exclude = ".linenos, .gp, .go"
