"""glassnet: deep neural networks you can see through.

The public names stand in `__init__.pyi`, for people and type checkers alike. Each is imported from
its file when it is first used, so that `import glassnet` and `glassnet --help` cost nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = "0.1.0"
