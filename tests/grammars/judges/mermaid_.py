"""Judge of mermaid: a recognizer of Mermaid flowcharts, written by hand from the documentation of their syntax.

It is laxer than the grammar in that an id may have any letter that Python calls one, and stricter than Mermaid 11's own
parser, which also reads ids with other signs, text of several lines and styles without values.
"""

import re

BLANKS = r"[ \t]*"
BLANK = r"[ \t]+"
GAP = r"[ \t]"
DIRECTION = r"(?:TB|TD|BT|RL|LR)(?![^\s;])"
QUOTED = r'"[^"]+"'
TEXT = r'[^"()\[\]{}|@\r\n]+'
SLANTED = r'(?:[^"()\[\]{}|@\r\n/\\]|[/\\](?![/\\]*\]))+'
TITLE = r"\w+(?:[ \t]*[ \t!#$%&'*+./:?-][ \t]*\w+)*[!.?]?[ \t]*"
VALUE = r"(?:[ \t]*(?:[\w!#$%&'*+./?`]|-(?=[A-Za-z0-9])))+"
DECLARATION = rf"[A-Za-z]+(?:-[A-Za-z]+)*[ \t]*:(?a:{VALUE}(?:\\,{VALUE})*)[ \t]*"
SHAPES = [  # opening bracket, text, closing bracket; longer opening brackets first
    (r"\(\(\(", TEXT, r"\)\)\)"),
    (r"\(\(", r"(?!-)" + TEXT, r"\)\)"),
    (r"\(\[", TEXT, r"\]\)"),
    (r"\(", r"(?!-)" + TEXT, r"\)"),
    (r"\[\[", TEXT, r"\]\]"),
    (r"\[\(", TEXT, r"\)\]"),
    (r"\[[/\\]", SLANTED, r"[/\\]\]"),
    (r"\[", TEXT, r"\]"),
    (r"\{\{", TEXT, r"\}\}"),
    (r"\{", TEXT, r"\}"),
    (r">", TEXT, r"\]"),
]
LINKS = [r"[xo<]?--+[-xo>]", r"[xo<]?-\.+-[xo>]?", r"[xo<]?==+[=xo>]"]
LINKS_WITH_TEXT = [  # how it begins, what its text is free of, how it ends
    (r"[xo<]?--", r"--", r"--+[-xo>]"),
    (r"[xo<]?-\.", r"\.", r"\.+-[xo>]?"),
    (r"[xo<]?==", r"=", r"==+[=xo>]"),
]


def accepts(text: str) -> bool:
    try:
        _Reader(text).diagram()
    except ValueError:
        return False
    return True


class _Reader:
    def __init__(self, text: str):
        self.text = text
        self.at = 0

    def take(self, pattern: str) -> str | None:
        """What matches here, which is then behind the reader; None if nothing does."""
        match = re.compile(pattern).match(self.text, self.at)
        if not match:
            return None
        self.at = match.end()
        return match.group()

    def need(self, pattern: str) -> str:
        taken = self.take(pattern)
        if taken is None:
            raise ValueError(f"{pattern} at {self.at}")
        return taken

    def diagram(self) -> None:
        self.take(r"(?:[ \t]*(?:%%[^\r\n]*)?\r?\n)*[ \t]*")
        self.need(r"(?:flowchart|graph)(?!\w)")
        if self.take(BLANK + DIRECTION):
            self.need(r"(?=;|[ \t]*(?:\r?\n|\Z))")
        else:
            self.need(r"(?=[ \t]*(?:\r?\n|\Z))")
        self.take(BLANKS)
        self.statements(within=False)

    def statements(self, within: bool) -> None:
        """Every statement to the end of the text or, within a subgraph, to its end; a separator comes first."""
        while within or self.at < len(self.text):
            self.need(r"(?:;|\r?\n(?:[ \t]*%%[^\r\n]*)?)(?:[ \t]*(?:;|\r?\n(?:[ \t]*%%[^\r\n]*)?))*[ \t]*")
            if within and self.take(r"end(?![\w.-]*\w)"):
                return
            if self.at < len(self.text):
                self.statement()

    def statement(self) -> None:
        word = self.take(r"(?:subgraph|direction|style|classDef|class|linkStyle|click)(?!\w|[.-]\w)")
        if word == "subgraph":
            self.title()
            self.statements(within=True)
            self.take(BLANKS)
        elif word == "direction":
            self.need(BLANK + DIRECTION + BLANKS)
        elif word:
            self.need(GAP)
            getattr(self, "class_" if word == "class" else word)()
        else:
            self.nodes()
            while self.link():
                self.nodes()
            self.take(BLANKS)

    def title(self) -> None:
        if not self.take(BLANK):
            return
        if not self.take(QUOTED + BLANKS):
            self.need(TITLE)
            if self.take(r"\["):
                self.either(QUOTED, TEXT)
                self.need(r"\]")

    def nodes(self) -> None:
        self.node()
        while self.take(r"[ \t]+&[ \t]+"):
            self.node()

    def node(self) -> None:
        self.id()
        for opening, text, closing in SHAPES:
            if self.take(opening):
                self.either(QUOTED, text)
                self.need(closing)
                break
        if self.take(":::"):
            self.id()

    def id(self) -> None:
        if re.split("[.-]", self.need(r"\w+(?:[.-]\w+)*"))[0] == "end":
            raise ValueError("a node called end")

    def ids(self) -> None:
        self.id()
        while self.take(","):
            self.id()

    def either(self, quoted: str, text: str) -> None:
        if not self.take(quoted):
            self.need(text)

    def link(self) -> bool:
        for arrow in LINKS:
            if self.take(BLANKS + arrow + BLANKS):
                if self.take(r"\|"):
                    self.either(QUOTED, TEXT)
                    self.need(r"\|[ \t]?")
                return True
        if self.take(r"[ \t]*~~~+[ \t]*"):
            return True
        for start, but, end in LINKS_WITH_TEXT:
            if self.take(BLANKS + start + BLANKS):
                self.either(QUOTED, rf'(?![ \t])(?:(?!{but})[^"\r\n])+')
                self.need(BLANKS + end + BLANKS)
                return True
        return False

    def style(self) -> None:
        self.id()
        self.declarations()

    def classDef(self) -> None:
        self.ids()
        self.declarations()

    def linkStyle(self) -> None:
        self.need(r"default(?!\w)|[0-9]+(?:,[0-9]+)*")
        self.declarations()

    def declarations(self) -> None:
        self.need(GAP + DECLARATION)
        while self.take(","):
            self.need(BLANKS + DECLARATION)

    def class_(self) -> None:
        self.ids()
        self.need(GAP)
        self.id()

    def click(self) -> None:
        self.id()
        self.need(GAP)
        if self.take(r'(?:href[ \t])?(?=")') is not None:
            self.need(QUOTED)
            self.take(GAP + QUOTED)
            self.take(GAP + r"_(?:self|blank|parent|top)(?!\w)")
            return
        if self.take(r"call[ \t](?=[\w$.]+\()"):
            self.need(r"[A-Za-z_$][A-Za-z0-9_.$]*\([^()\r\n]*\)")
        elif self.need(r"[A-Za-z_$][A-Za-z0-9_.$]*") in ("call", "href"):
            raise ValueError("a callback called as a keyword")
        self.take(GAP + QUOTED)
