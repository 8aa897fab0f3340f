"""Token automata against their byte machines, walked byte by byte and completed by search."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import assume, given, settings

import oracles
import strategies
from structdiff import machine as m
from structdiff import network as n
from structdiff import regex
from structdiff.automaton import END, Automaton
from structdiff.constraint import CompiledConstraint, Plan
from structdiff.errors import ConstraintTooLarge, UnsatisfiableConstraint, UnspellableConstraint
from structdiff.lift import Limits, free, lift
from structdiff.vocab import Vocab

FAR = 40        # more tokens than any tiny machine needs
NEAR = Limits(view=200)
BRACKETS = {"x": n.alt(n.text("[]"), n.seq(n.text("["), n.Ref("x"), n.text("]")))}
BYTES = Vocab((*(bytes([byte]) for byte in range(256)), None), (256,))


def lifted(seed: int):
    """A random problem and its automaton; assumes there is one."""
    problem = strategies.problem(seed)
    distance = oracles.TokenDistance(problem.machine, problem.vocab)
    assume(distance(problem.machine.start, FAR) < oracles.INF)
    return problem, lift(problem.machine, problem.vocab, problem.machine.start, NEAR), distance


def leads_on(machine, vocab: Vocab, distance, tokens) -> bool:
    """Whether `tokens` begin something the machine accepts in these tokens, found without the automaton."""
    state = machine.start
    for token in tokens:
        if token in vocab.end_tokens:
            return bool(machine.accepts(state))
        spelled = vocab.tokens[token]
        state = oracles.walk(machine, spelled, state) if spelled else m.DEAD
        if not state:
            return False
    return distance(state, FAR) < oracles.INF


@given(strategies.seeds)
@settings(max_examples=120)
def test_tokens_lead_somewhere_iff_their_bytes_do_and_something_completes_them(seed):
    problem, automaton, distance = lifted(seed)
    r = random.Random(seed)
    every = list(itertools.product(range(len(problem.vocab)), repeat=2))
    longer = [tuple(r.choices(range(len(problem.vocab)), k=r.randrange(3, 7))) for _ in range(40)]
    for tokens in [(), *every, *longer]:
        path = automaton.path(np.array(tokens, dtype=int), automaton.state(problem.machine.start))
        assert (path is not None) == leads_on(problem.machine, problem.vocab, distance, tokens), tokens


@given(strategies.seeds)
@settings(max_examples=120)
def test_the_states_on_a_path_stand_for_the_machines_states(seed):
    problem, automaton, _ = lifted(seed)
    r = random.Random(seed)
    for _ in range(20):
        tokens = r.choices(range(len(problem.vocab)), k=4)
        path = automaton.path(np.array(tokens), automaton.state(problem.machine.start))
        if path is None:
            continue
        state, ended = problem.machine.start, False
        for token, reached in zip(tokens, path[1:]):
            ended = ended or token in problem.vocab.end_tokens
            if ended:
                assert reached == END
            else:
                state = oracles.walk(problem.machine, problem.vocab.tokens[token], state)
                assert automaton.machine_states[reached] == state
                assert automaton.accepting[reached] == problem.machine.accepts(state)


def known(automaton: Automaton, machine, horizon: int):
    """(state, machine state) pairs near enough to the start for a truncated view to know all about them."""
    seen, pending = {machine.start: 0}, [machine.start]
    for state in pending:
        if seen[state] < horizon:
            for target in set(machine.moves(state).targets) - set(seen):
                seen[target] = seen[state] + 1
                pending.append(target)
    return [(automaton.state(state), state) for state in seen if automaton.state(state) is not None]


@given(strategies.seeds)
@settings(max_examples=120)
def test_distance_is_the_true_fewest_tokens_to_acceptance(seed):
    problem, automaton, distance = lifted(seed)
    assume(automaton.whole)                          # out of view it is an estimate
    for state, machine_state in known(automaton, problem.machine, 12):
        assert automaton.distance[state] == distance(machine_state, FAR)


@given(strategies.seeds)
@settings(max_examples=80)
def test_exits_are_monotone_in_the_budget_and_follow_the_distance(seed):
    problem, automaton, distance = lifted(seed)
    before = np.zeros(automaton.states, dtype=bool)
    for budget in range(6):
        exits = automaton.exits(budget)
        assert exits[END]
        assert (exits | ~before).all()
        for state, machine_state in known(automaton, problem.machine, 12):
            assert exits[state] == (distance(machine_state, FAR) <= budget)
        before = exits


def table_of(automaton: Automaton) -> np.ndarray:
    """Int[S, V]: where each token leads, -1 nowhere; fails when somewhere is two places."""
    table = np.full((automaton.states, len(automaton.class_of)), -1)
    for source, target, held in zip(automaton.arcs.source, automaton.arcs.target, automaton.arcs.set):
        tokens = np.isin(automaton.class_of, automaton.sets[held])
        assert (table[source, tokens] == -1).all(), "two arcs take one token"
        table[source, tokens] = target
    return table


@given(strategies.seeds)
@settings(max_examples=120)
def test_tokens_share_a_class_iff_no_state_tells_them_apart(seed):
    problem, automaton, _ = lifted(seed)
    table = table_of(automaton)
    for u, v in itertools.combinations(range(len(problem.vocab)), 2):
        assert (automaton.class_of[u] == automaton.class_of[v]) == (table[:, u] == table[:, v]).all()


@given(strategies.seeds)
@settings(max_examples=120)
def test_every_state_is_of_use(seed):
    """Reached from the frontier and able to accept: what is neither costs time in every step."""
    problem, automaton, _ = lifted(seed)
    table = table_of(automaton)
    reached, pending = {automaton.state(problem.machine.start)}, [automaton.state(problem.machine.start)]
    while pending:
        fresh = set(table[pending.pop()].tolist()) - reached - {-1}
        reached |= fresh
        pending.extend(fresh)
    assert reached | {END} == set(range(automaton.states))
    assert np.isfinite(automaton.distance).all()
    assert (np.diff(automaton.arcs.source) >= 0).all()


@given(strategies.seeds)
@settings(max_examples=80)
def test_relabelled_tokens_give_the_same_language(seed):
    problem, automaton, _ = lifted(seed)
    r = random.Random(seed)
    size = len(problem.vocab)
    new = r.sample(range(size), size)              # token -> its new label
    tokens = [None] * size
    for token, label in enumerate(new):
        tokens[label] = problem.vocab.tokens[token]
    relabelled = lift(problem.machine, Vocab(tuple(tokens), tuple(new[t] for t in problem.vocab.end_tokens)), problem.machine.start, NEAR)
    assert relabelled.states == automaton.states
    for _ in range(60):
        tokens = np.array(r.choices(range(size), k=r.randrange(1, 6)))
        before = automaton.path(tokens, automaton.state(problem.machine.start))
        after = relabelled.path(np.array(new)[tokens], relabelled.state(problem.machine.start))
        assert (before is None) == (after is None)


@given(strategies.seeds)
@settings(max_examples=80)
def test_a_canvas_split_in_two_blocks_is_accepted_alike(seed):
    problem, _, distance = lifted(seed)
    r = random.Random(seed)
    compiled = CompiledConstraint(Plan(problem.machine), problem.vocab, NEAR)
    for _ in range(30):
        tokens = r.choices(range(len(problem.vocab)), k=6)
        cut, frontier = r.randrange(7), compiled.start
        for part in (tokens[:cut], tokens[cut:]):
            automaton = compiled.automaton(frontier)
            path = automaton.path(np.array(part, dtype=int), automaton.state(frontier))
            if path is None:
                break
            frontier = None if path[-1] == END else int(automaton.machine_states[path[-1]])
        assert (path is not None) == leads_on(problem.machine, problem.vocab, distance, tokens)


def deepest(automaton: Automaton, state: int) -> int:
    """How many more opening brackets the automaton takes from `state`."""
    for depth in range(1000):
        if automaton.path(np.full(depth + 1, ord("[")), state) is None:
            return depth
    raise AssertionError("no end to the view")


def test_a_recursive_machine_is_seen_further_from_each_new_frontier():
    machine = n.Network(n.Ref("x"), BRACKETS)
    compiled = CompiledConstraint(Plan(machine), BYTES, Limits(view=60))
    frontier, depths = compiled.start, [0]
    for _ in range(3):
        automaton = compiled.automaton(frontier)
        seen = deepest(automaton, automaton.state(frontier))
        path = automaton.path(np.full(seen, ord("[")), automaton.state(frontier))
        frontier = int(automaton.machine_states[path[-1]])
        depths.append(depths[-1] + seen)
    assert depths == sorted(set(depths)), "a frontier deeper in sees no deeper"
    for left in range(depths[-1], 0, -1):
        automaton = compiled.automaton(frontier)
        assert automaton.distance[automaton.state(frontier)] == left
        path = automaton.path(np.array([ord("]")]), automaton.state(frontier))
        frontier = int(automaton.machine_states[path[-1]])
    assert machine.accepts(frontier)


def test_a_machine_that_fits_one_view_is_lifted_once_for_all_frontiers():
    compiled = CompiledConstraint(Plan(regex.whole("abc")), BYTES)
    first = compiled.automaton(compiled.start)
    assert compiled.automaton(m.run(compiled.plan.machine, b"ab")) is first
    assert compiled.automaton(None) is first


def test_a_machine_beyond_the_view_is_seen_block_by_block():
    machine = regex.whole("[a-z]{30}")
    automaton = lift(machine, BYTES, machine.start, Limits(view=10))
    assert not automaton.whole and automaton.states == 11
    assert automaton.distance[automaton.state(machine.start)] == 30, "what is out of view still counts"
    compiled = CompiledConstraint(Plan(machine), BYTES, Limits(view=10))
    further = m.run(machine, b"a" * 25)
    assert compiled.automaton(further).whole and compiled.automaton(further).distance[1] == 5


def test_arcs_have_a_limit():
    machine = regex.whole("[a-z]{30}")
    with pytest.raises(ConstraintTooLarge, match="more than 5 arcs"):
        lift(machine, BYTES, machine.start, Limits(arcs=5))


@pytest.mark.parametrize("field", ["view", "arcs"])
def test_limits_are_positive(field):
    with pytest.raises(ValueError):
        Limits(**{field: 0})


def test_what_the_vocabulary_cannot_spell_is_refused():
    machine = regex.whole("[ab]*c")
    with pytest.raises(UnspellableConstraint):
        lift(machine, Vocab((b"a", b"b", b"cc", None), (3,)), machine.start)


def test_what_nothing_completes_is_refused():
    with pytest.raises(UnsatisfiableConstraint):
        lift(n.Network(n.Alt(())), BYTES, m.DEAD)


def test_end_tokens_with_bytes_end_and_never_spell():
    machine = regex.whole("a*")
    automaton = lift(machine, Vocab((b"a", b"a", b"b"), (1,)), machine.start)
    start = automaton.state(machine.start)
    assert automaton.path(np.array([0, 1, 2]), start).tolist()[-1] == END
    assert automaton.path(np.array([2]), start) is None


@given(strategies.seeds)
@settings(max_examples=100)
def test_the_free_automaton_takes_every_token_until_an_end_token(seed):
    r = random.Random(seed)
    vocab = strategies.vocab(r, 6)
    automaton = free(vocab)
    tokens = r.choices(range(6), k=5)
    path = automaton.path(np.array(tokens), 1)
    ended = np.cumsum([token in vocab.end_tokens for token in tokens]) > 0
    assert path[1:].tolist() == np.where(ended, END, 1).tolist()
    assert automaton.exits(0).all()
    assert free(vocab) is automaton
