"""The help of a command: plain text, its options in groups."""

from typing import Any

from typer.core import TyperCommand


class Help(TyperCommand):
    """A command whose help lists the options by the group that each names, its own last."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each group of options."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            is_option = parameter.param_type_name == "option"
            name = getattr(parameter, "rich_help_panel", None)
            if record:
                group = name or ("Options" if is_option else "Arguments")
                groups.setdefault(group, []).append(record)
        groups["Options"] = groups.pop("Options")  # those of the command itself come last
        for group, records in groups.items():
            if records:
                with formatter.section(group):
                    formatter.write_dl(records, col_max=26)
