"""Judge of arithmetic: Python's `ast` in eval mode, restricted to numbers, operators and calls of `math`'s functions.

A function takes as many arguments as its Python original does. Python is laxer only in what is checked here by hand:
letter case and form of numbers, keywords, comments.
"""

import ast
import math
import re

BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
BUILTINS = {"abs": abs, "max": max, "min": min, "round": round}


def accepts(text: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9.+\-*/%(), \t\r\n]*", text):
        return False
    line = re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
    try:
        return _is_arithmetic(ast.parse(line, mode="eval").body, line)
    except SyntaxError:
        return False


def _is_arithmetic(node: ast.expr, line: str) -> bool:
    match node:
        case ast.Constant(value=int() | float()):
            return bool(re.match(r"[1-9.]|0(?![0-9A-DF-Za-df-z])", ast.get_source_segment(line, node)))
        case ast.Name(id=name):
            return isinstance(getattr(math, name, None), float)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
            return _is_arithmetic(node.operand, line)
        case ast.BinOp() if isinstance(node.op, BINARY):
            return _is_arithmetic(node.left, line) and _is_arithmetic(node.right, line)
        case ast.Call(func=ast.Name(id=name), keywords=[]):
            return _takes(name, len(node.args)) and all(_is_arithmetic(argument, line) for argument in node.args)
    return False


def _takes(name: str, arguments: int) -> bool:
    """Whether the function of that name takes that many numbers and returns a number."""
    function = BUILTINS.get(name) or getattr(math, name, None)
    try:
        result = function(*[1] * arguments)
    except TypeError:
        return False
    except (ValueError, ArithmeticError):
        return True
    return type(result) in (int, float)
