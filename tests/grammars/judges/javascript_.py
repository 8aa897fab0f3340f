"""Judge: V8 (node must be on the path) parses `(text)` and `[text]` as scripts. Laxer than the grammar: it knows later
editions, functions, classes, regular expressions, Annex B, and `f() = 1`, which fails only when it runs. Stricter: it
has early errors that the grammar does not tell, as for parameters of one name."""

import atexit
import json
import subprocess
from functools import lru_cache

_PROGRAM = r"""
const { Script } = require("vm")
const parses = source => { try { new Script(source); return true } catch (error) { return false } }
require("readline").createInterface({ input: process.stdin }).on("line", line => {
  const text = JSON.parse(line)
  console.log(parses("(" + text + "\n)") && parses("[" + text + "\n]"))
})
"""


@lru_cache(maxsize=1)
def _node() -> subprocess.Popen:
    pipe = subprocess.PIPE
    node = subprocess.Popen(["node", "-e", _PROGRAM], stdin=pipe, stdout=pipe, text=True, bufsize=1)
    atexit.register(_end, node)
    return node


def _end(node: subprocess.Popen) -> None:
    node.kill()
    node.communicate()


def accepts(text: str) -> bool:
    node = _node()
    node.stdin.write(json.dumps(text) + "\n")
    return node.stdout.readline() == "true\n"
