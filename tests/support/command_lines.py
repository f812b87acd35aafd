"""What is known of a command line that is read."""

from eleven_cli.parsing.command_line import Line


def lacks_arguments(line: Line) -> bool:
    wanted = [param for param in line.command.params if param.param_type_name == "argument" and param.required]
    return len(line.arguments) < len(wanted) and not any(word.text == "--help" for word in line.words)
