"""The architecture: what may import what, where randomness and printing live, and that every default constructs."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import structdiff

ROOT = Path(structdiff.__file__).parent
LEVELS = [
    {"errors", "rng", "vocab", "parts", "compose"},
    {"noise", "schedule", "machine", "verdict"},
    {"network", "lexer", "json_text", "automaton", "chain", "denoiser", "result"},
    {"channel", "regex_rules", "lift", "posterior", "lr", "puzzle"},
    {"regex", "proofreader"},
    {"constraint"},
    {"constraints", "models", "sampler", "policy"},
    {"row"},
    {"engine"},
    {"api", "testing", "puzzle_text"},
    {"targets", "puzzles", "training"},
    {"repairs"},
    {"regrowth"},
    {"cli", "cli_input", "cli_repair", "cli_output", "cli_serve", "cli_solve", "cli_train", "live", "trace", "puzzle_trace", "puzzle_live", "dsl", "demo", "server", "integrations", "batch", "doctor", "cli_batch", "cli_doctor"},
]
LEVEL = {part: level for level, parts in enumerate(LEVELS) for part in parts}
FOURTH = 6                                               # the level whose members are interchangeable
HOMES = {
    "numba": {"chain", "channel/search", "compose", "puzzle"}, "outlines_core": {"regex"}, "jsonschema": {"constraints/json_schema"},
    "jsonschema_specifications": {"constraints/json_schema"}, "regex": {"constraints/json_schema"},
    "referencing": {"constraints/json_schema"}, "pydantic": {"constraints/pydantic_model"}, "transformers": {"models", "training", "integrations/transformers"}, "diffusers": {"integrations/diffusers"}, "ray": {"integrations/ray"}, "pyarrow": {"integrations/ray"}, "packaging": {"doctor"}, "peft": {"training/adapters"}, "starlette": {"server"}, "uvicorn": {"server"}, "cloudpickle": {"server"}, "prometheus_client": {"server"}, "vllm": {"integrations/vllm"}, "fastapi": {"integrations/vllm"},
    "safetensors": {"models", "puzzle/relational"}, "lark": {"constraints/grammar"}, "html5lib": {"channel/fallback", "targets"}, "rich": {"cli_batch", "cli_output", "cli_train", "live", "puzzle_live"}, "typer": {"cli", "cli_batch", "cli_doctor", "cli_input", "cli_output", "cli_serve", "cli_solve", "cli_train"}, "click": {"cli", "live"}, "yaml": {"channel/yaml_parser"},
}
BUILT_ON = {"constraints/rules": {"constraints/pydantic_model"},
            "constraints/tools": {"constraints/json_schema", "constraints/pydantic_model"}}
EVERYWHERE = {"torch", "numpy"} | set(sys.stdlib_module_names) | {"__future__"}
# The examples the command line shows are Pydantic classes: data, which import it as a user's own file does.
DATA = {"demo"}

FILES = sorted(ROOT.rglob("*.py"))


def part_of(file: Path) -> str:
    """`machine`, `constraints/json_schema`, `models/table`; `` for the package itself."""
    inside = file.relative_to(ROOT).with_suffix("").parts
    inside = inside[:-1] if inside[-1] == "__init__" else inside
    return "/".join(inside[:2])


def imports(file: Path):
    """Yields (line, dotted module) of every import in a file, those inside functions too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            if node.module == "structdiff":
                yield from ((node.lineno, f"structdiff.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def own_imports(file: Path):
    for line, module in imports(file):
        if module.startswith("structdiff."):
            yield line, "/".join(module.split(".")[1:3])


def test_every_module_has_a_level():
    assert {part_of(file).split("/")[0] for file in FILES} - {""} <= set(LEVEL)


@pytest.mark.parametrize("file", FILES, ids=part_of)
def test_imports_point_strictly_down(file):
    here = part_of(file)
    if not here:
        return                                           # the package re-exports
    level = LEVEL[here.split("/")[0]]
    for line, there in own_imports(file):
        top = there.split("/")[0]
        if top not in LEVEL:
            continue                                     # a name of the package, such as __version__
        one_folder = there in {here, *BUILT_ON.get(here, ())} or top in ("models", "channel", "puzzle", "training", "server") and here.startswith(top)
        front_end = level == len(LEVELS) - 1 == LEVEL[top]  # the command line is one thing in several files
        assert LEVEL[top] < level or one_folder or front_end, f"{file.name}:{line} imports {there}"


@pytest.mark.parametrize("file", [file for file in FILES if LEVEL.get(part_of(file).split("/")[0]) == FOURTH], ids=part_of)
def test_interchangeable_parts_do_not_know_each_other(file):
    here = part_of(file)
    for line, there in own_imports(file):
        if LEVEL.get(there.split("/")[0]) == FOURTH:
            same_folder = there in {here, *BUILT_ON.get(here, ())} or (here.startswith("models") and there.startswith("models"))
            assert same_folder, f"{file.name}:{line}: {here} imports {there}"


@pytest.mark.parametrize("file", FILES, ids=part_of)
def test_a_third_party_package_has_one_home(file):
    here = part_of(file)
    for line, module in imports(file):
        package = module.split(".")[0]
        if package in EVERYWHERE or package == "structdiff" or here in DATA:
            continue
        homes = HOMES.get(package)
        assert homes is not None, f"{file.name}:{line}: {package} has no home yet"
        assert any(here == home or here.startswith(home + "/") for home in homes), f"{file.name}:{line}: {here} imports {package}"


@pytest.mark.parametrize("file", FILES, ids=part_of)
def test_randomness_lives_in_rng_alone(file):
    if file.name == "rng.py":
        return
    assert not [module for _, module in imports(file) if module.split(".")[0] in ("random", "secrets")]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            random = name.startswith(("np.random", "numpy.random", "torch.rand", "torch.multinomial", "torch.bernoulli", "torch.normal"))
            assert not random, f"{file.name}:{node.lineno}: {name}"


@pytest.mark.parametrize("file", FILES, ids=part_of)
def test_only_the_command_line_prints(file):
    if file.name == "cli.py":
        return
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    assert not [node.lineno for node in calls if ast.unparse(node.func) in ("print", "sys.stdout.write", "sys.stderr.write")]


def test_importing_structdiff_imports_no_model_no_server_and_no_terminal():
    heavy = ("transformers", "starlette", "fastapi", "uvicorn", "typer", "rich", "lark")
    code = f"import sys, structdiff; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parent, check=True)
    assert done.stdout.strip() == "[]"


MODULES = [name for _, name, _ in pkgutil.walk_packages([str(ROOT)], "structdiff.")
           if name.split(".")[1] not in ("cli", "live", "server", "integrations")]


def options() -> list[type]:
    """Every frozen dataclass whose fields all have defaults: what a user may leave out."""
    found = {}
    for name in MODULES:
        for _, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if dataclasses.is_dataclass(kind) and kind.__module__ == name and kind.__dataclass_params__.frozen:
                fields = [field for field in dataclasses.fields(kind) if field.init]
                has_default = all(field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
                                  for field in fields)
                if has_default and kind.__dataclass_params__.init:
                    found[kind.__qualname__] = kind
    return [found[name] for name in sorted(found)]


@pytest.mark.parametrize("kind", options(), ids=lambda kind: kind.__qualname__)
def test_every_default_constructs_and_a_typo_is_an_error(kind):
    assert kind() == kind()
    with pytest.raises(TypeError):
        kind(no_such_option=1)
    field = dataclasses.fields(kind)[0].name if dataclasses.fields(kind) else "anything"
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(kind(), field, 1)


def test_the_options_are_those_a_user_passes():
    assert {"EntropyBound", "Confidence", "Ancestral", "Remask", "Schedule", "Limits", "Condition", "Blame", "Settings"} <= {
        kind.__qualname__ for kind in options()}


@pytest.mark.parametrize("name", structdiff.__all__)
def test_what_is_exported_is_there_and_documented(name):
    assert inspect.getdoc(getattr(structdiff, name))
