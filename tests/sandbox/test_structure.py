"""How the sandbox is built: a name has one meaning, and messages of JSON have one way in and out."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import eleven_cli.sandbox

ROOT = Path(eleven_cli.sandbox.__file__).parent


@cache
def trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in sorted(ROOT.rglob("*.py"))
    }


def names_used(tree: ast.Module) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_a_class_name_occurs_once() -> None:
    places = defaultdict(list)
    for path, tree in trees().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path)
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_only_the_json_socket_sends_and_closes() -> None:
    senders = {path for path, tree in trees().items() if names_used(tree) & {"send_text", "send_bytes", "send_json"}}
    assert senders == {"sockets/json_socket.py"}


def test_only_the_handshake_denies() -> None:
    assert {path for path, tree in trees().items() if "send_denial_response" in names_used(tree)} == {
        "sockets/handshake.py"
    }


def test_rooms_have_at_most_twelve_modules() -> None:
    rooms: dict[str, int] = defaultdict(int)
    for path in trees():
        rooms[path.rpartition("/")[0]] += not path.endswith("__init__.py")
    assert max(rooms.values()) <= 12
