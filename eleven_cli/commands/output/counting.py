"""Numbers of things in words. Pure."""


def counted(number: int, one: str, many: str = "") -> str:
    """So many of them: "1 credit", "1,234 credits"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
