"""Names of voices, agents and dictionaries: how they are compared and shown, and which one a word means."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from eleven_cli.errors import NotFound

AMBIGUOUS = "ambiguous_name"
MOST_SHOWN = 10


class HasName(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=HasName)


def folded(name: str) -> str:
    """A name as it is compared: without regard to case and blanks."""
    return " ".join(name.casefold().split())


def exact(word: str, known: Iterable[T]) -> list[T]:
    """Gives those of just that name."""
    return [each for each in known if folded(each.name) == folded(word)]


def beginning(word: str, known: Iterable[T]) -> list[T]:
    """Gives those whose names begin so."""
    return [each for each in known if folded(each.name).startswith(folded(word))]


def only_one(
    word: str, known: Sequence[T], show: Callable[[Sequence[T]], str], *, kind: str, give_id: str, give_more: str
) -> T | None:
    """The one of that name, else the only one that begins so; None without any.

    Raises NotFound for several: with the candidates as `show` gives them, and the hint `give_id` where they have the
    same name, `give_more` where they begin alike.
    """
    found = exact(word, known)
    if len(found) > 1:
        raise NotFound(f"{len(found)} {kind} are called {word}: {show(found)}", hint=give_id, code=AMBIGUOUS)
    found = found or beginning(word, known)
    if len(found) > 1:
        raise NotFound(f"{len(found)} {kind} begin with {word}: {show(found)}", hint=give_more, code=AMBIGUOUS)
    return found[0] if found else None


def none_called(word: str, known: Sequence[T], show: Callable[[Sequence[T]], str], *, kind: str) -> str:
    """Says that there is none of that name, and which look like it; all, where they are few."""
    from eleven_cli.suggestions import near

    said = f'no {kind} is called "{word}"'
    if names := near(word, [each.name for each in known]):
        return f"{said}. Did you mean {show([each for each in known if each.name in names])}?"
    if not known:
        return f"{said}: this account has none"
    return f"{said}; there are {show(known)}" if len(known) <= MOST_SHOWN else said


def shown(names_and_ids: Sequence[tuple[str, str]]) -> str:
    """The first of them, each with its id: "Ana (…), Bo (…) and 3 more"."""
    said = ", ".join(f"{name} ({one_id})" for name, one_id in names_and_ids[:MOST_SHOWN])
    return said + (f" and {len(names_and_ids) - MOST_SHOWN} more" if len(names_and_ids) > MOST_SHOWN else "")
