"""The places in a text that a state may be at, each with what it holds."""

CONTENT = "content"        # piece, its state, frame: text, or blanks, up to the next `<`
GAP = "gap"                # piece, its state, frame: blanks before what would change the frame
OPEN = "open"              # frame: behind a `<`
MISC = "misc"              # piece, its state, frame: a comment or the like
RAW = "raw"                # piece, its state, frame: content that is not markup
NAME = "name"              # what it names, words, their state, frame or tag: a name of a list
FREE = "free"              # what it names, its table's state, frame or tag, the state before, the byte: any name
TAG = "tag"                # tag: behind its name or a value
SPACED = "spaced"          # tag: behind blanks
SLASH = "slash"            # tag: behind the `/` of `/>`
KEY = "key"                # attribute, tag: behind the attribute's name
KEY_SPACED = "key spaced"  # attribute, tag
EQUALS = "equals"          # attribute, tag: behind the `=`
VALUE = "value"            # piece, its state, tag
BARE = "bare"              # machine, its state, tag: a value without quotes
CLOSED = "closed"          # frame: behind the name of an end tag, the frame after it
ALIAS = "alias"            # state: which is the same

# What a name is of:
ELEMENT, ATTRIBUTE, END = "element", "attribute", "end"
