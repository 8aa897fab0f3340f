"""Python's tomllib (TOML 1.0.0). Stricter: it also refuses keys and tables that are defined twice, the year 0000 and
the second 60."""

import tomllib


def accepts(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
