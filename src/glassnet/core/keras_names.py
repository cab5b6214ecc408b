"""Names of Keras's classes that glassnet would ignore: setting or overriding them is an error."""

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from glassnet.core.errors import GlassnetError
from glassnet.core.keras_hints.attributes import ATTRIBUTES
from glassnet.core.keras_hints.methods import METHODS
from glassnet.core.own_classes import (
    OWN_KINDS,
    REGISTER,
    check_method,
    fields_for_init,
    is_own,
    require_arguments,
)


class KerasNames:
    """Base of classes in which nothing that Keras would call or read is ignored.

    Subclasses can't define a method that only Keras would call. Attributes can't be set, except
    private ones, those in `attributes`, and those that the class or a subclass declares.
    """

    kind: ClassVar[str]  # a key of `METHODS`
    attributes: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith("glassnet."):  # some of these are called here, too
            return
        methods = METHODS[cls.kind]
        if names := [name for name in vars(cls) if name in methods]:
            register = [REGISTER.format(cls.kind)] if cls.kind in OWN_KINDS else []
            listed = ", ".join(names[:-1]) + " and " if names[1:] else ""
            raise GlassnetError(
                f"defines {listed}{names[-1]}, which only Keras would call.",
                where=f"class {cls.__name__}",
                fix=" ".join(dict.fromkeys([*(methods[name] for name in names), *register])),
            )
        if "__init__" in vars(cls) and cls.kind in OWN_KINDS - {"initializer"}:
            raise fields_for_init(cls, cls.kind)
        if is_own(cls) and cls.kind in OWN_KINDS:
            check_method(cls, cls.kind)

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        """Return a new instance; raise for a class whose fields are not arguments yet."""
        if "__dataclass_params__" not in vars(cls) and cls.kind in OWN_KINDS:
            require_arguments(cls, arguments, options)
        return super().__new__(cls)

    if not TYPE_CHECKING:  # so that type checkers report missing attributes

        def __getattr__(self, name: str) -> NoReturn:
            hint = ATTRIBUTES.get(self.kind, {}).get(name)
            what = f"{type(self).__name__} has no {name!r}"
            raise AttributeError(f"{what}. {hint}" if hint else what, name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        declared = getattr(type(self), name, property())
        settable = not isinstance(declared, property) or declared.fset is not None
        if not (settable or name in self.attributes or name.startswith("_")):
            raise unsettable(self, name)
        object.__setattr__(self, name, value)


def unsettable(owner: Any, name: str) -> GlassnetError:
    """Return the error for an attribute that can't be set."""
    kind = getattr(owner, "kind", "")
    fix = f"Create another {type(owner).__name__}, with the {name} that you need."
    if not hasattr(owner, name):
        fix = (
            f"Make it a field: @dataclass(frozen=True), and {name}: int, for example, in the body."
        )
        if kind == "model":
            fix = f"A subclass can declare attributes of its own: {name} = None in its body."
    hints = ATTRIBUTES.get(kind, {}) | METHODS.get(kind, {})
    fix = hints.get(name, fix)
    return GlassnetError(f"{name} can't be set.", where=type(owner).__name__, fix=fix)
