"""What tests look for in the program's sources."""

import ast


def dotted(node: ast.AST) -> str:
    """`name` or `name.attribute` as it stands there; nothing for what is longer. Much cheaper than `ast.unparse`."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{name}.{attribute}"
    return ""
