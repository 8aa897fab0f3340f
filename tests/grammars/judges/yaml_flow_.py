"""PyYAML's parser, the one of yaml.safe_load, without building objects (a list is a key in YAML, not in Python). Laxer
than YAML 1.2: comments right behind a token (checked by hand); `{a:[b]}`, and `?` and `-` without a blank after them
(not checked). Stricter: keys on one line with their colon, no empty keys, no tabs between tokens, no `?` in plain
scalars, no control characters in quotes."""

import yaml


def accepts(text: str) -> bool:
    try:
        events = list(yaml.parse(text, yaml.SafeLoader))
        return _is_one_flow_node(events) and _comments_stand_apart(text)
    except (yaml.YAMLError, ValueError, OverflowError):  # ValueError: an escape above U+10FFFF
        return False


def _is_one_flow_node(events: list) -> bool:
    if [type(event) for event in events].count(yaml.DocumentStartEvent) != 1:
        return False
    for event in events:
        if isinstance(event, (yaml.DocumentStartEvent, yaml.DocumentEndEvent)) and event.explicit:
            return False
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            return False
    root = events[2]
    return root.style in ("'", '"') if isinstance(root, yaml.ScalarEvent) else root.flow_style


def _comments_stand_apart(text: str) -> bool:
    """Tells whether a blank stands before every comment that is not at the start of the text."""
    end = 0
    for token in yaml.scan(text, yaml.SafeLoader):
        gap = text[end : token.start_mark.index]
        if end and gap.startswith("#"):
            return False
        end = token.end_mark.index
    return True
