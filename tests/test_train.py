"""Fine-tuning: the loss falls, a run that was cut short ends as one that was not, and what cannot be done is said."""

from __future__ import annotations

import csv
import importlib.util
import json
from dataclasses import replace
from itertools import product
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from structdiff import cli, cli_train
from structdiff.models.diffusion_gemma import EMBEDDED, DiffusionGemma
from structdiff.rng import Rng
from structdiff.training import passes, plot, sudoku
from structdiff.training.batches import batch
from structdiff.training.loop import Length, Run, TrainingError, fitted
from structdiff.training.optimizers import BOUND, MEMORY, Optimizers
from structdiff.training.plot import Point
from structdiff.training.recipe import Recipe
from structdiff.training.sudoku import Sudoku
from structdiff.training.task import Example
from tasks import random_models

PEFT = pytest.mark.skipif(importlib.util.find_spec("peft") is None, reason="peft, of the extra `train`, is not installed")
SMALL = Recipe(examples=1, each=4, rate=0.1)
SOLUTION = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
GIVENS = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"


class OnePuzzle(Sudoku):
    def examples(self, rng, many, progress):
        return [Example(sudoku.prompt(GIVENS), SOLUTION)] * many


def tiny(canvas: int = 16) -> DiffusionGemma:
    made = random_models.uniform(3, canvas)
    with torch.no_grad():
        made.model.lm_head.weight.div_(random_models.SHARPNESS)
    return made


def weights(run: Run) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in run.trained.items()}


# --- the optimizers -------------------------------------------------------------------------------------------------------------------


def test_a_step_is_bounded_by_what_is_usual_and_that_is_kept_with_a_run() -> None:
    weight = torch.nn.Parameter(torch.zeros(4))
    optimizers = Optimizers({"outer": weight}, 0.1, adapters=False)

    def gradient(size: float) -> float:
        """Takes a step with a gradient of that norm; returns the norm that the step was left with."""
        weight.grad = torch.full((4,), size / 2)
        optimizers._clip()
        return float(weight.grad.norm())

    assert [gradient(8.0) for _ in range(3)] == pytest.approx([8.0] * 3)
    assert gradient(800.0) == pytest.approx(BOUND * 8.0, rel=1e-3)
    other = Optimizers({"outer": weight}, 0.1, adapters=False)
    other.load(optimizers.state())
    usual = 8.0 * (MEMORY + (1 - MEMORY) * BOUND)
    optimizers = other
    assert gradient(800.0) == pytest.approx(BOUND * usual, rel=1e-3)


# --- the recipe ---------------------------------------------------------------------------------------------------------------------


def test_a_few_steps_lower_the_loss_on_one_puzzle_and_leave_its_files(tmp_path):
    model = tiny()
    model.model.config.reviews = True
    run = Run(model, OnePuzzle(), SMALL, tmp_path / "run")
    run.advance(Length(steps=25))
    losses = [point.loss for point in run.points]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:3])
    rows = list(csv.DictReader((tmp_path / "run" / "losses.csv").read_text().splitlines()))
    assert [int(row["step"]) for row in rows] == list(range(1, 26))
    assert ElementTree.parse(tmp_path / "run" / "loss.svg").getroot().tag.endswith("svg")
    loaded = DiffusionGemma.from_pretrained(tmp_path / "run" / "model")
    assert loaded.block_length == 81 and not loaded.reviews
    torch.testing.assert_close(loaded.model.lm_head.weight, run.denoiser.model.lm_head.weight)


def test_a_run_that_was_cut_short_ends_with_the_same_weights(tmp_path, monkeypatch):
    whole = Run(tiny(), OnePuzzle(), SMALL, tmp_path / "whole")
    whole.advance(Length(steps=6))

    class PowerCut(Exception):
        pass

    def cut(point, progress):
        if point.step == 4:
            raise PowerCut

    short = Run(tiny(), OnePuzzle(), SMALL, tmp_path / "short")
    with pytest.raises(PowerCut):                       # kept after each step, so the third is the last one kept
        short.advance(Length(steps=6), cut, every=0.0)
    again = Run(tiny(), OnePuzzle(), SMALL, tmp_path / "short", resume=True)
    assert again.step == 3
    again.advance(Length(steps=6))
    assert [p.loss for p in again.points] == [p.loss for p in whole.points]
    for name, weight in weights(whole).items():
        assert torch.equal(weight, again.trained[name]), name


def test_a_folder_with_a_run_is_not_written_over(tmp_path):
    Run(tiny(), OnePuzzle(), SMALL, tmp_path).advance(Length(steps=1))
    with pytest.raises(TrainingError, match="say --resume to go on with it, or name another folder"):
        Run(tiny(), OnePuzzle(), SMALL, tmp_path)
    with pytest.raises(TrainingError, match="rate 0.1.* not of .*rate 0.5"):
        Run(tiny(), OnePuzzle(), replace(SMALL, rate=0.5), tmp_path, resume=True)


@torch.no_grad()
@pytest.mark.parametrize("conditioned", [False, True])
def test_side_by_side_is_what_transformers_computes(monkeypatch, conditioned):
    monkeypatch.setattr(passes, "PRODUCTS", torch.float32)
    denoiser = fitted(DiffusionGemma.from_pretrained(), Sudoku())
    drawn = batch(denoiser, [Example(sudoku.prompt(GIVENS), SOLUTION), Example(sudoku.prompt(SOLUTION[:40] + "." * 41), SOLUTION)], 2, Rng(0))
    assert passes.SideBySide.takes(denoiser.model, drawn) and len(drawn.prefix) > 200
    belief = torch.from_numpy(Rng(1).uniform(*drawn.noisy.shape, 1024)).float() * 5 if conditioned else None
    torch.testing.assert_close(passes.SideBySide(denoiser.model)(drawn, belief), passes.plain(denoiser.model, drawn, belief), atol=1e-3, rtol=1e-3)


@torch.no_grad()
def test_texts_of_different_lengths_are_read_as_each_alone():
    denoiser = tiny()
    examples = [Example("a short one", "x1"), Example("a much longer one, with an answer of some blocks", "[1,2,3,4,5,6,7,8,9,10,11,12,13]")]
    together = batch(denoiser, examples, 1, Rng(5))
    assert together.padding.tolist()[0] > 0
    logits = passes.plain(denoiser.model, together, None)
    for i in range(2):
        text = torch.cat([together.prefix, together.rest[i, together.padding[i] :]])
        read = denoiser.model.model.encoder(input_ids=text[None]).past_key_values
        alone = denoiser.model(decoder_input_ids=together.noisy[i : i + 1], past_key_values=read,
                               decoder_position_ids=len(text) + torch.arange(16)[None]).logits
        torch.testing.assert_close(logits[i : i + 1], alone, atol=1e-3, rtol=1e-3)


# --- Sudoku ---------------------------------------------------------------------------------------------------------------------------


def test_what_is_learned_from_are_sudokus_with_their_givens():
    units = [[9 * i + j for j in range(9)] for i in range(9)] + [[9 * j + i for j in range(9)] for i in range(9)]
    units += [[9 * (a + i) + b + j for i, j in product(range(3), range(3))] for a, b in product((0, 3, 6), (0, 3, 6))]
    few, many = ([one for k in range(5) for one in Sudoku().examples(Rng(k), 4, progress)] for progress in (1.0, 0.0))
    for one in few + many:
        givens = one.prompt.split("\n")[-1]
        assert all(sorted(one.answer[i] for i in unit) == list("123456789") for unit in units)
        assert len(givens) == 81 and all(given in (".", digit) for given, digit in zip(givens, one.answer))
    holes = [[one.prompt.split("\n")[-1].count(".") for one in drawn] for drawn in (few, many)]
    assert 10 <= min(holes[1]) and max(holes[1]) <= 21 and max(holes[0]) > 35
    assert len({one.answer for one in few}) == len(few)


def test_dug_puzzles_have_one_solution():
    from structdiff.puzzles import read_puzzle, solve

    drawn = sudoku.dug(3, Rng(7), 0)
    for solution, given in zip(drawn.solutions, drawn.given):
        found = solve(read_puzzle("sudoku", sudoku.written(solution, given)), count=2)
        assert found.unique and list(found.values.values()) == solution.tolist()


def test_solved_counts_right_answers_and_lost_givens(monkeypatch):
    grids = sudoku.dug(2, Rng(1), 36)
    right, wrong = ("".join(map(str, solution)) for solution in grids.solutions)
    place = int(np.flatnonzero(grids.given[1])[0])
    wrong = wrong[:place] + ("1" if wrong[place] != "1" else "2") + wrong[place + 1 :]

    class Answer:
        def __init__(self, text, forwards):
            self.text, self.forwards = text, forwards

    monkeypatch.setattr(sudoku, "generate_batch", lambda *a, **k: [Answer(right, 3), Answer(wrong, 5)])
    score = sudoku.solved(None, grids, "two")
    told = int(grids.given.sum())
    assert (score.solved, score.preserved, score.forwards) == (0.5, (told - 1) / told, 4.0)


# --- the plot -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [[], [Point(1, 0.1, 0.0)], [Point(i, i / 10, 5 / i) for i in range(1, 200)]])
def test_the_plot_is_one_file_with_nothing_from_elsewhere(points):
    root = ElementTree.fromstring(plot.svg("a <b> & c", points))
    lines = [element for element in root.iter() if element.tag.endswith("polyline")]
    assert [len(line.get("points", "").split()) for line in lines] == [max(1, len(points))] * 2
    assert "a <b> & c" in {element.text for element in root.iter()}
    assert all(0 <= float(number) <= 720 for line in lines for place in line.get("points").split() for number in place.split(","))


# --- the command line -----------------------------------------------------------------------------------------------------------------


def said(*arguments: str):
    return CliRunner().invoke(cli.app, ["train", *arguments])


def test_it_trains_and_prints_the_model_alone(tmp_path):
    tiny().model.save_pretrained(tmp_path / "small")
    random_models.tokenizer().save_pretrained(tmp_path / "small")
    done = said("sudoku", "--model", str(tmp_path / "small"), "--steps", "2", "--batch", "1", "--out", str(tmp_path / "run"), "--evaluate", "1")
    assert done.exit_code == 0 and "| 36 givens | 1 | 0.0% |" in done.stdout and done.stderr == ""
    assert {file.name for file in (tmp_path / "run").iterdir()} == {"checkpoint.pt", "losses.csv", "loss.svg", "scores.json", "model"}
    assert json.loads((tmp_path / "run" / "scores.json").read_text())["steps"] == 2
    again = said("sudoku", "--model", str(tmp_path / "small"), "--steps", "3", "--batch", "1", "--out", str(tmp_path / "run"), "--evaluate", "0")
    assert again.exit_code == 1 and "say --resume" in again.stderr
    again = said("sudoku", "--model", str(tmp_path / "small"), "--steps", "3", "--batch", "1", "--out", str(tmp_path / "run"), "--evaluate", "0",
                 "--resume")
    assert again.exit_code == 0 and json.loads((tmp_path / "run" / "scores.json").read_text())["steps"] == 3
    kept = (tmp_path / "run" / "model" / "model.safetensors").read_bytes()
    again = said("sudoku", "--model", str(tmp_path / "small"), "--steps", "1", "--batch", "1", "--out", str(tmp_path / "run"), "--evaluate", "1",
                 "--resume")
    assert again.exit_code == 0 and "| 60 givens |" in again.stdout
    assert kept == (tmp_path / "run" / "model" / "model.safetensors").read_bytes()


@pytest.mark.parametrize("arguments, message", [
    (["chess"], "no task is called 'chess'; there are sudoku and json-extract"),
    (["sudoku", "--rank", "4"], "--rank is only for --lora"),
])
def test_wrong_usage_is_said_and_is_2(arguments, message):
    done = said(*arguments)
    assert done.exit_code == 2 and message in done.stderr and done.stdout == ""


def test_without_peft_lora_is_refused(monkeypatch):
    monkeypatch.setattr(cli_train.importlib.util, "find_spec", lambda name: None)
    done = said("sudoku", "--lora")
    assert done.exit_code == 2 and "--lora needs peft, which is not installed: pip install 'structdiff[train]'" in done.stderr


def test_without_the_repository_json_extract_is_refused(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'tasks'", name="tasks")

    monkeypatch.setattr(cli_train.importlib, "import_module", missing)
    done = said("json-extract")
    assert done.exit_code == 2 and "in structdiff's repository and not in the package" in done.stderr


def test_json_extract_reads_documents_in_blocks():
    task = cli_train.task_of("json-extract", 0)
    examples = task.examples(Rng(0), 2, 0.0)
    assert all(json.loads(one.answer) and one.hint for one in examples)
    drawn = batch(fitted(tiny(), task), examples, 3, Rng(0))
    assert drawn.clean.shape == (6, 16) and drawn.each == 3


@PEFT
def test_lora_trains_adapters_alone(tmp_path):
    denoiser = DiffusionGemma.from_pretrained(EMBEDDED)
    before = {name: weight.detach().clone() for name, weight in denoiser.model.named_parameters()}
    run = Run(denoiser, OnePuzzle(), Recipe(examples=1, each=1, rate=1e-2, adapters=2), tmp_path / "run")
    assert run.trained and all("lora_" in name for name in run.trained)
    assert sum(weight.numel() for weight in run.trained.values()) < 0.1 * sum(weight.numel() for weight in before.values())
    run.advance(Length(steps=2))
    now = {name.replace(".base_layer", ""): weight for name, weight in run.denoiser.model.named_parameters() if "lora_" not in name}
    assert all(torch.equal(weight, now[name]) for name, weight in before.items())
    assert any(weight.abs().max() > 0 for name, weight in run.trained.items() if "lora_B" in name)
    assert (tmp_path / "run" / "model" / "adapter_model.safetensors").stat().st_size < 2e6
    again = Run(DiffusionGemma.from_pretrained(EMBEDDED), OnePuzzle(), run.recipe, tmp_path / "run", resume=True)
    assert again.step == 2 and all(torch.equal(weight, again.trained[name]) for name, weight in run.trained.items())
    loaded = dict(DiffusionGemma.from_pretrained(tmp_path / "run" / "model").model.named_parameters())
    assert all(torch.equal(weight, loaded[name]) for name, weight in run.trained.items())
