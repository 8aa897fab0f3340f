"""The server as a process of its own: what it does when it is told to stop, and with clients that are slow or gone."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import jsonschema
import pytest

from tasks.bench.serve import ALL, schemas


@pytest.fixture
def server():
    process = subprocess.Popen([sys.executable, "-m", "structdiff.cli", "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)
    yield process, re.search(r"http://([\w.:]+)/v1", process.stderr.readline())[1]
    process.kill()
    process.wait()
    process.stderr.close()


def test_told_to_stop_under_load_it_ends_what_has_begun(server):
    process, address = server
    answers, refused = [], []

    def ask(asked) -> None:
        try:
            answer = httpx.post(f"http://{address}/v1/chat/completions", json=asked.body, timeout=120)
        except httpx.TransportError:
            refused.append(asked)
            return
        answers.append((asked, answer.json()["choices"][0]))

    threads = [threading.Thread(target=ask, args=(asked,)) for asked in ALL[:12]]
    for thread in threads:
        thread.start()
    while httpx.get(f"http://{address}/health").json()["running"] < 4:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join(120)
    assert process.wait(60) == 0 and len(answers) >= 4
    for asked, choice in answers:
        jsonschema.validate(json.loads(choice["message"]["content"]), schemas()[asked.schema])
        assert choice["finish_reason"] == "stop"


def test_a_client_that_does_not_read_and_one_that_hangs_up_hold_up_no_one(server):
    process, address = server
    body = json.dumps({**ALL[0].body, "stream": True, "structdiff_drafts": True}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    host, port = address.split(":")
    idle = []
    for sent in (head + body, head + body[:10], head[:20], b"\x00" * 100, b"GET / HTTP/9\r\n\r\n"):
        idle.append(socket.create_connection((host, int(port))))
        idle[-1].sendall(sent)
    for _ in range(3):
        gone = socket.create_connection((host, int(port)))
        gone.sendall(head + body)
        gone.close()
    answer = httpx.post(f"http://{address}/v1/chat/completions", json=ALL[1].body, timeout=60).json()
    jsonschema.validate(json.loads(answer["choices"][0]["message"]["content"]), schemas()[ALL[1].schema])
    for one in idle:
        one.close()
    deadline = time.monotonic() + 30
    while httpx.get(f"http://{address}/health").json()["running"] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert httpx.get(f"http://{address}/health").json() == {"status": "ok", "running": 0, "waiting": 0}


def test_told_to_stop_while_it_compiles_what_takes_long_it_stops(server):
    process, address = server
    answers = []

    def ask(many: int) -> None:
        slow = {"messages": [{"role": "user", "content": "x"}], "structured_outputs": {"regex": f"(a{{1,1000}}){{1,{many}}}"}}
        answers.append(httpx.post(f"http://{address}/v1/chat/completions", json=slow, timeout=60))

    threads = [threading.Thread(target=ask, args=(1000 + i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    httpx.post(f"http://{address}/v1/chat/completions", json=ALL[0].body, timeout=60)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(50) == 0 and time.monotonic() - began < 20
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {503, 400} and any("stopping" in answer.text for answer in answers)
