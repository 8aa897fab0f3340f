"""Examples of text with the JSON object that a schema asks of it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.json_extract import domains, heldout, values
from tasks.json_extract.domains import Domain, Voice, fields_of
from tasks.json_extract.invented import invented_domain
from tasks.json_extract.values import Filled, object_schema

Random = random.Random

MAX_DOCUMENT = 700
MAX_TARGET = 300
ASKED = 7                   # fields at most; a training document may be asked all of its own, which teaches more
MIXED_SHARE = 0.2
INVENTED_SHARE = 0.6
ABSENT_SHARE = 0.08
NULLABLE_SHARE = 0.12
PLAIN_SENTENCE_SHARE = 0.12
LIST_MARKERS = ["", "", "", "", "- ", "* "]
LABEL_SEPARATORS = [": ", ": ", ": ", ":\t", " = ", " - ", " .. ", ":  "]
SPLIT_DOMAINS = {"train": (domains.TRAIN, domains.VOICE), "dev": (heldout.DEV, heldout.VOICE),
                 "heldout": (heldout.HELDOUT, heldout.VOICE)}
DISTRACTORS = {"person": values.person, "first": values.first_name, "date": values.date, "time": values.time,
               "phone": values.phone, "email": values.email, "company": values.company, "city": values.city,
               "code": values.code, "product": values.product, "number": lambda rng: str(rng.randint(2, 900)),
               "amount": lambda rng: values.AMOUNT(rng).text, "weekday": values.chosen(values.WEEKDAYS),
               "phrase": values.phrase, "url": values.url, "title": values.title}


@dataclass(frozen=True)
class Example:
    """A document, the schema asked of it and the object that the document states."""

    document: str
    schema: dict
    target: dict
    domain: str


@dataclass(frozen=True)
class Entry:
    """One field of a document: its label in the text, its words in the key and its value."""

    label: str
    key_words: str
    filled: Filled


def example(rng: Random, split: str) -> Example:
    """Return a random example of `split` whose document and target are within the size bounds."""
    while True:
        candidate = _draw(rng, split)
        if _fits(candidate):
            return candidate


def compact_json(value: object) -> str:
    """Return the shortest JSON text of `value`."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _fits(candidate: Example) -> bool:
    """Return whether document and target are within the size bounds, however accents are written."""
    written = json.dumps(candidate.target, separators=(",", ":"))
    return len(candidate.document) <= MAX_DOCUMENT and len(written) <= MAX_TARGET


def _draw(rng: Random, split: str) -> Example:
    family, voice = SPLIT_DOMAINS[split]
    if split == "train":
        kind = rng.random()
        if kind < MIXED_SHARE:
            return _mixed_example(rng)
        if kind < MIXED_SHARE + INVENTED_SHARE:
            return _domain_example(rng, invented_domain(rng), voice, None)
        return _domain_example(rng, rng.choice(family), voice, None)
    return _domain_example(rng, rng.choice(family), voice, ASKED)


# Schema and target


def key_style(rng: Random):
    """Return a function that spells words as a key."""
    return rng.choices([_snake, _camel, _plain, _pascal, _kebab], [58, 30, 4, 4, 4])[0]


def _snake(words: str) -> str:
    return words.lower().replace(" ", "_").replace("-", "_")


def _camel(words: str) -> str:
    pascal = _pascal(words)
    return pascal[0].lower() + pascal[1:]


def _pascal(words: str) -> str:
    return "".join(word.capitalize() for word in words.replace("-", " ").split())


def _plain(words: str) -> str:
    return words


def _kebab(words: str) -> str:
    return words.replace(" ", "-")


def nullable(schema: dict) -> dict:
    """Return the scalar `schema` with null allowed."""
    widened = dict(schema)
    if "type" in widened:
        widened["type"] = [widened["type"], "null"]
    if "enum" in widened:
        widened["enum"] = [*widened["enum"], None]
    return widened


def is_scalar(filled: Filled) -> bool:
    """Return whether the value is neither a list nor an object."""
    return not isinstance(filled.value, (list, dict))


def _ask(rng: Random, entries: list[Entry], absent: set[int]) -> tuple[dict, dict]:
    """Return the schema and target of `entries`, with null for those whose position is in `absent`."""
    style = key_style(rng)
    properties, target = {}, {}
    for position, entry in enumerate(entries):
        key = style(entry.key_words)
        is_absent = position in absent
        may_be_null = is_absent or (is_scalar(entry.filled) and rng.random() < NULLABLE_SHARE)
        properties[key] = nullable(entry.filled.schema) if may_be_null else entry.filled.schema
        target[key] = None if is_absent else entry.filled.value
    return object_schema(properties), target


def _drawn_absent(rng: Random, entries: list[Entry]) -> set[int]:
    """Return the positions of the entries that the document leaves out."""
    return {position for position, entry in enumerate(entries)
            if is_scalar(entry.filled) and rng.random() < ABSENT_SHARE}


# Domain documents


def _domain_example(rng: Random, domain: Domain, voice: Voice, most: int | None) -> Example:
    """Return an example of `domain` in one of its layouts; `most` fields are asked at most, None: all."""
    filled = {name: field.kind(rng) for name, field in domain.fields.items()}
    asked = rng.sample(list(domain.fields), rng.randint(3, min(most or len(domain.fields), len(domain.fields))))
    key_words = _distinct_key_words(rng, domain, asked)
    entries = [Entry("", words, filled[name]) for name, words in zip(asked, key_words)]
    absent = _drawn_absent(rng, entries)
    left_out = {asked[position] for position in absent}
    stated = [name for name in asked if name not in left_out]
    extra = [name for name in domain.fields if name not in asked]
    layout = rng.choices([_prose, _form, _letter_form, _log, _chat], domain.layouts)[0]
    document = layout(rng, domain, voice, filled, stated, rng.sample(extra, len(extra)))
    schema, target = _ask(rng, entries, absent)
    return Example(document, schema, target, domain.name)


def _distinct_key_words(rng: Random, domain: Domain, asked: list[str]) -> list[str]:
    """Return one label for each asked field, all different."""
    used: list[str] = []
    for name in asked:
        used.append(rng.choice([label for label in domain.fields[name].labels if label not in used]))
    return used


def _prose(rng, domain, voice, filled, stated, extra) -> str:
    """Return a message of full sentences."""
    sentences = _sentences(rng, domain, voice, filled, stated, extra, rng.randint(130, 420))
    sentences = _with_noise(rng, domain, voice, sentences)
    return _wrapped(rng, voice, domain, _paragraphs(rng, sentences))


def _form(rng, domain, voice, filled, stated, extra) -> str:
    """Return a title and labelled lines."""
    lines = _labelled_lines(rng, domain, filled, stated + extra[: rng.randint(0, 4)])
    if rng.random() < 0.7:
        lines.insert(0, _with_distractors(rng, rng.choice(domain.titles)))
    if rng.random() < 0.35:
        lines.append(_with_distractors(rng, rng.choice(domain.noise + voice.noise)))
    return "\n".join(lines)


def _letter_form(rng, domain, voice, filled, stated, extra) -> str:
    """Return a message with some fields in sentences and the others in labelled lines."""
    cut = rng.randint(1, max(1, len(stated) - 1))
    told, listed = stated[:cut], stated[cut:] + extra[:2]
    rest_hidden = [name for name in extra[2:] if name not in listed]
    sentences = _sentences(rng, domain, voice, filled, told, rest_hidden, rng.randint(60, 160))
    said = " ".join(_with_noise(rng, domain, voice, sentences))
    lines = "\n".join(_labelled_lines(rng, domain, filled, listed))
    body = "\n".join([said, lines] if rng.random() < 0.6 else [lines, said])
    return _wrapped(rng, voice, domain, body)


def _log(rng, domain, voice, filled, stated, extra) -> str:
    """Return one or a few dense lines of labelled values."""
    separator = rng.choice([" | ", "; ", ", ", " / ", " -- "])
    mark = rng.choice(["=", ": ", " ", " = "])
    names = stated + extra[: rng.randint(1, 4)]
    rng.shuffle(names)
    parts = [f"{rng.choice(domain.fields[name].labels)}{mark}{filled[name].form}" for name in names]
    head = _with_distractors(rng, rng.choice(domain.titles)) + rng.choice([": ", separator, " "])
    return head + separator.join(parts)


def _chat(rng, domain, voice, filled, stated, extra) -> str:
    """Return a dialogue between two speakers."""
    sentences = _sentences(rng, domain, voice, filled, stated, extra, rng.randint(100, 300))
    sentences = _with_noise(rng, domain, voice, sentences)
    speakers = rng.sample(voice.speakers, 2)
    lines = []
    for position, sentence in enumerate(sentences):
        speaker = speakers[0] if position % 2 == 0 or rng.random() < 0.6 else speakers[1]
        lines.append(f"{speaker}: {sentence}")
        if rng.random() < 0.2:
            lines.append(f"{speakers[1]}: {rng.choice(voice.replies)}")
    return "\n".join(lines)


def _sentences(rng, domain, voice, filled, stated, extra, length) -> list[str]:
    """Return shuffled sentences that state all of `stated` and, up to `length`, some of `extra`."""
    allowed = set(stated) | set(extra)
    said: set[str] = set()
    sentences: list[str] = []
    size = 0
    for name in rng.sample(stated, len(stated)) + extra:
        if name in said or (name in extra and size > length):
            continue
        template = _template_for(rng, domain, voice, name, allowed - said)
        sentences.append(_rendered(rng, template, domain, filled))
        size += len(sentences[-1])
        said.update(fields_of(template))
    rng.shuffle(sentences)
    return sentences


def _template_for(rng, domain: Domain, voice: Voice, name: str, allowed: set[str]) -> str:
    """Return a template that states the field `name` and otherwise only fields in `allowed`."""
    fitting = [template for template in domain.templates_of(name) if fields_of(template) <= allowed]
    if fitting and (not voice.plain or rng.random() > PLAIN_SENTENCE_SHARE or name in domain.flags):
        return rng.choice(fitting)
    label = rng.choice(domain.fields[name].labels)
    return _filled_wording(rng.choice(voice.plain), label, "{" + name + "}")


def _rendered(rng, template: str, domain: Domain, filled: dict[str, Filled]) -> str:
    """Return the template with its values and distractors."""
    texts = {name: filled[name].text for name in fields_of(template)}
    return _with_distractors(rng, template).format(**texts)


def _labelled_lines(rng, domain: Domain, filled, names: Iterable[str]) -> list[str]:
    """Return one shuffled `Label: value` line for each field."""
    separator, case, marker = rng.choice(LABEL_SEPARATORS), _label_case(rng), rng.choice(LIST_MARKERS)
    shuffled = list(names)
    rng.shuffle(shuffled)
    return [f"{marker}{case(rng.choice(domain.fields[name].labels))}{separator}{filled[name].form}" for name in shuffled]


def _label_case(rng):
    return rng.choices([_capitalised, str.title, str.upper, str], [6, 2, 1, 2])[0]


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


def _with_distractors(rng, template: str) -> str:
    """Return the template with its <slots> filled."""
    if "<" not in template:
        return template
    return re.sub(r"<(\w+)>", lambda slot: DISTRACTORS[slot[1]](rng), template)


def _with_noise(rng, domain: Domain, voice: Voice, sentences: list[str]) -> list[str]:
    """Return the sentences with up to two remarks that answer no field."""
    return _with_remarks(rng, sentences, domain.noise if rng.random() < 0.6 else voice.noise)


def _with_remarks(rng: Random, texts: list[str], remarks: list[str]) -> list[str]:
    """Return the texts with up to two of the remarks at random places."""
    noisy = list(texts)
    for remark in rng.sample(remarks, rng.choice([0, 0, 1, 1, 2])):
        noisy.insert(rng.randint(0, len(noisy)), _with_distractors(rng, remark))
    return noisy


def _paragraphs(rng, sentences: list[str]) -> str:
    """Return the sentences in one or more paragraphs."""
    if rng.random() < 0.6:
        return " ".join(sentences)
    parts = [sentences[0]]
    for sentence in sentences[1:]:
        parts.append(("\n" if rng.random() < 0.3 else " ") + sentence)
    return "".join(parts)


def _wrapped(rng, voice: Voice, domain: Domain, body: str) -> str:
    """Return the body with an optional subject, greeting and sign-off."""
    parts = []
    if rng.random() < 0.25:
        parts.append(rng.choice(["Subject: ", "Re: ", "", ""]) + _with_distractors(rng, rng.choice(domain.titles)))
    if rng.random() < 0.5:
        parts.append(_with_distractors(rng, rng.choice(voice.greetings)))
    parts.append(body)
    if rng.random() < 0.5:
        parts.append(_with_distractors(rng, rng.choice(voice.closings)))
    return "\n".join(parts)


# Mixed forms: unrelated labels, where only the label decides which value is asked


def _mixed_example(rng: Random) -> Example:
    """Return an example about random labels, several of them of the same kind."""
    entries = _mixed_entries(rng, rng.randint(4, 9))
    asked = rng.sample(entries, rng.randint(3, len(entries)))
    absent = {position for position in _drawn_absent(rng, asked) if _is_unmistakable(asked[position], entries)}
    hidden = {id(asked[position]) for position in absent}
    shown = [entry for entry in entries if id(entry) not in hidden]
    schema, target = _ask(rng, asked, absent)
    return Example(_mixed_document(rng, shown), schema, target, "mixed form")


def _mixed_entries(rng: Random, count: int) -> list[Entry]:
    """Return entries with distinct labels, two or three of one kind and the rest of any kind."""
    repeated = rng.choice(domains.REPEATABLE_GROUPS)
    entries: dict[str, Entry] = {}
    while len(entries) < count:
        group = repeated if len(entries) < 3 and rng.random() < 0.8 else rng.choice(domains.MIXED_GROUPS)
        entry = _mixed_entry(rng, group)
        if all(entry.key_words != other.key_words for other in entries.values()):
            entries.setdefault(entry.label, entry)
    return list(entries.values())


def _mixed_entry(rng: Random, group: str) -> Entry:
    label, kind = rng.choice(domains.MIXED[group])
    if rng.random() < 0.15:
        label = _made_up_label(rng, label)
        return Entry(label, label, kind(rng))
    words = rng.choice(domains.SYNONYMS[label]) if label in domains.SYNONYMS and rng.random() < 0.5 else label
    return Entry(words, label, kind(rng))


def _is_unmistakable(entry: Entry, entries: list[Entry]) -> bool:
    """Return whether no other entry's words contain or are contained in those of `entry`."""
    words = set(entry.key_words.split())
    others = [set(f"{other.key_words} {other.label}".split()) for other in entries if other is not entry]
    return not any(words <= other or words >= other for other in others)


def _made_up_label(rng: Random, label: str) -> str:
    """Return a made-up label, sometimes followed by the last word of `label`."""
    word = values.syllables(rng, 2, 2)
    return rng.choice([word, word, f"{word} {label.split()[-1]}", f"{word} {values.syllables(rng, 1, 2)}"])


def _mixed_document(rng: Random, entries: list[Entry]) -> str:
    """Return a document that states each entry once."""
    shown = rng.sample(entries, len(entries))
    layout = rng.choices([_mixed_lines, _mixed_table, _mixed_sentences, _mixed_run], [25, 7, 56, 12])[0]
    return layout(rng, shown)


def _mixed_lines(rng: Random, entries: list[Entry]) -> str:
    separator, case, marker = rng.choice(LABEL_SEPARATORS), _label_case(rng), rng.choice(LIST_MARKERS)
    lines = [f"{marker}{case(entry.label)}{separator}{entry.filled.form}" for entry in entries]
    return "\n".join(_with_remarks(rng, lines, domains.VOICE.noise))


def _mixed_table(rng: Random, entries: list[Entry]) -> str:
    return "\n".join(f"| {entry.label} | {entry.filled.form} |" for entry in entries)


def _mixed_run(rng: Random, entries: list[Entry]) -> str:
    separator, mark = rng.choice([" | ", "; ", ", ", " / ", "  "]), rng.choice(["=", ": ", " "])
    return separator.join(f"{entry.label}{mark}{entry.filled.form}" for entry in entries)


def _mixed_sentences(rng: Random, entries: list[Entry]) -> str:
    sentences = [_mixed_sentence(rng, entry) for entry in entries]
    return _paragraphs(rng, _with_remarks(rng, sentences, domains.VOICE.noise))


def _mixed_sentence(rng: Random, entry: Entry) -> str:
    """Return a sentence that tells the entry's label and value."""
    if isinstance(entry.filled.value, bool):
        wording = rng.choice(domains.FLAG_CUES[entry.filled.value])
    else:
        wording = rng.choice(domains.CUES)
    return _filled_wording(wording, entry.label, entry.filled.text)


def _filled_wording(wording: str, label: str, value: str) -> str:
    """Return the wording with its label and value, with a capital first letter unless the value comes first."""
    labelled = wording.replace("LABEL", label).replace("Label", _capitalised(label))
    return labelled.replace("VALUE", value) if wording.startswith("VALUE") else _capitalised(labelled).replace("VALUE", value)
