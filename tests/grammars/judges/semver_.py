"""Judge of Semantic Versioning 2.0.0: `semver.Version.parse`, which takes any Unicode digit and one final newline."""

import semver


def accepts(text: str) -> bool:
    if not text.isascii() or "\n" in text:
        return False
    try:
        semver.Version.parse(text)
    except ValueError:
        return False
    return True
