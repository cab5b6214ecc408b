"""Names of Keras's classes that glassnet would ignore: setting or overriding them is an error."""

from inspect import signature
from typing import Any, ClassVar, Self

from glassnet.core.errors import GlassnetError
from glassnet.core.keras_hints import KERAS_HINTS, KERAS_METHODS

OWN_KINDS = frozenset(
    {"constraint", "initializer", "layer", "loss", "metric", "optimizer", "regularizer", "schedule"}
)  # whose classes are dataclasses


class KerasNames:
    """Base of classes in which nothing that Keras would call or read is ignored.

    Subclasses can't define a method that only Keras would call. Attributes can't be set, except
    private ones, those in `attributes`, and those that the class or a subclass declares.
    """

    kind: ClassVar[str]  # a key of `KERAS_METHODS`
    attributes: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        methods = KERAS_METHODS[cls.kind]
        if names := [name for name in vars(cls) if name in methods]:
            listed = ", ".join(names[:-1]) + " and " if names[1:] else ""
            raise GlassnetError(
                f"defines {listed}{names[-1]}, which only Keras would call.",
                where=f"class {cls.__name__}",
                fix=" ".join(dict.fromkeys(methods[name] for name in names)),
            )
        if "__init__" in vars(cls) and cls.kind in ("layer", "loss", "metric", "optimizer"):
            raise fields_for_init(cls, cls.kind)

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        """Return a new instance; raise for a class whose fields are no arguments yet."""
        if "__dataclass_params__" not in vars(cls) and cls.kind in OWN_KINDS:
            _require_arguments(cls, arguments, options)
        return super().__new__(cls)

    def __setattr__(self, name: str, value: Any) -> None:
        declared = getattr(type(self), name, property())
        settable = not isinstance(declared, property) or declared.fset is not None
        if not (settable or name in self.attributes or name.startswith("_")):
            raise unsettable(self, name)
        object.__setattr__(self, name, value)


def _require_arguments(cls: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Raise unless the class, which is not a dataclass itself, takes these arguments."""
    try:
        signature(cls.__init__).bind(None, *arguments, **options)
    except TypeError as error:
        fields = ", ".join(vars(cls).get("__annotations__", ()))
        raise GlassnetError(
            f"{error}." if not fields else f"its fields ({fields}) are not arguments yet.",
            where=f"class {cls.__name__}",
            fix=f'Write @register("{cls.kind}") above it, with from glassnet import register.',
        ) from error


def fields_for_init(cls: type, kind: str) -> GlassnetError:
    """Return the error for an own class with an `__init__`, from which files can't be read."""
    return GlassnetError(
        "defines __init__, but its fields are its arguments.",
        where=f"class {cls.__name__}",
        fix=f'Write @register("{kind}") above it, with from glassnet import register, and each '
        "argument as a field in its body: units: int = 32 (say).",
    )


def unsettable(owner: Any, name: str) -> GlassnetError:
    """Return the error for an attribute that can't be set."""
    kind = getattr(owner, "kind", "")
    fix = f"Create another {type(owner).__name__}, with the {name} that you need."
    if not hasattr(owner, name):
        fix = (
            f"Make it a field: @dataclass(frozen=True), and {name}: int (say) in the class's body."
        )
        if kind == "model":
            fix = f"A subclass can declare attributes of its own: {name} = None in its body."
    hints = KERAS_HINTS["attribute"] | KERAS_METHODS.get(kind, {})
    fix = hints.get(name, fix)
    return GlassnetError(f"{name} can't be set.", where=type(owner).__name__, fix=fix)
