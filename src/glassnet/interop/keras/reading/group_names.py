"""The names of the layers in a file of weights of Keras 3."""

from typing import Any

from glassnet.interop.keras.reading.hdf5 import child, read_text


def names_of_groups(hdf5: Any) -> dict[str, str]:
    """Return {name: group} for the layers in a file of Keras 3.

    Names are those of the layers, `body/fc`, which files have from Keras 3.6 on, or those of the
    groups, which count the layers of a class, `functional/dense_1`; or paths of groups.
    """
    paths: list[str] = []
    hdf5["layers"].visit(lambda path: paths.append(path))  # links are not followed
    names: dict[str, str] = {}
    by_group: dict[str, str] = {}
    for path in sorted(paths):  # a group comes before those inside it
        outer, _, last = path.rpartition("/layers/")
        if "/" in last or not path:
            continue
        vars_ = f"layers/{path}/vars"
        own = read_text(child(hdf5, vars_, ""), "name", vars_) if f"{path}/vars" in paths else None
        by_group[path] = "/".join(filter(None, (by_group.get(outer), own or last)))
    for group, name in by_group.items():
        names[name] = f"layers/{group}"
    for group in by_group:
        names.setdefault(group.replace("/layers/", "/"), f"layers/{group}")
        names.setdefault(f"layers/{group}", f"layers/{group}")
    return names
