"""The names of numbers: `x[3, 5]`, `dense/kernel[117, 4]`, `dy of dense[4]`, else the code's."""

from glassnet.tracing.kinds import Value
from glassnet.tracing.movement import Position, copied_from
from glassnet.tracing.program import Program

_LONG = 60  # characters of an expression, above which it is no name


def single(program: Program) -> bool:
    """True if the program has one example, whose axis names leave out."""
    return _of_one(program.operations[0].value)


def hides_example(program: Program, index: int, name: str) -> bool:
    """True if the first axis of what has this name is that of the one example: names and positions
    leave it out. Inside `TimeDistributed`, the first axis is that of the steps.
    """
    return has_examples(name) and single(program) and _of_one(program.operations[index].value)


def _of_one(value: Value) -> bool:
    return value.ndim > 0 and value.shape[0] == 1


def name_of(program: Program, index: int, position: Position = ()) -> str:
    """Return the name of an entry: of what it is a copy of, if that has a name.

    What has none is called as in the code, with the number of the operation: "softmax.e #12[0, 3]".
    """
    path = [(index, position)]
    names = program.names
    while path[-1][0] not in names:
        before = copied_from(program, program.operations[path[-1][0]], path[-1][1])
        if before is None:
            break
        path.append(before)
    place, at = path[-1] if path[-1][0] in names else (index, position)
    operation = program.operations[place]
    name = names.get(place) or operation.name or _in_code(program, place)
    if place not in names and operation.kind != "constant":
        name = f"{name} #{place}"
    if not operation.value.ndim:
        return name
    if at and place in names and hides_example(program, place, names[place]):
        at = at[1:]
    return f"{name}[{', '.join(map(str, at))}]" if at else name


def kind_of(name: str) -> str:
    """Return what a name is of: "output" of "output.1 of merge", "x" of "x.image", else itself."""
    first = name.partition(" of ")[0] if " of " in name else name.partition(" ")[0]
    return first.partition(".")[0]


def has_examples(name: str) -> bool:
    """True for what has the examples on its first axis: inputs, outputs, and their gradients."""
    return kind_of(name) in ("x", "y", "input", "output", "dy", "dx", "prediction")


def _in_code(program: Program, index: int) -> str:
    """Return what the code calls an operation's value: softmax.e, a variable; or an expression."""
    operation = program.operations[index]
    value, source = operation.value, operation.source
    if operation.kind == "constant" and value.ndim == 0:
        return f"{value:g}" if value.dtype.kind == "f" else str(value)
    if source is None or not (source.part or source.target):
        return operation.kind
    users = (program.operations[i] for i in program.users[index])
    if any(user.source == source for user in users):  # a step inside x.mean() or the like
        return f"{operation.kind} in ({source.part})"
    part = source.part or source.target
    if len(part) > _LONG:
        return f"{operation.kind} in {source.function.rpartition('.')[2]}"
    if part.isidentifier() or part == source.target:
        return f"{source.function.rpartition('.')[2]}.{part}"
    return f"({part})"
