"use strict";
/* Talks to the server this page came from: one completion is one run, told chunk by chunk. */

/** What the server refused, in its words. param: the field at fault, or null. */
export class Fault extends Error {
  constructor({ message, param = null, code = null }) {
    super(message);
    this.param = param;
    this.code = code;
  }
}

/** A run is all there is to know of one completion: what was asked, a frame a forward, the text that is final, how it ended. */
export function emptyRun(title, body) {
  return { title, body, frames: [], text: "", told: null, fault: null, seconds: 0 };
}

/** Fills `run` as the server answers, and calls `changed` after each event. Faults of the server end up in `run.fault`. */
export async function follow(run, { key, signal, changed }) {
  const began = performance.now();
  try {
    const response = await fetch("v1/chat/completions", {
      method: "POST", headers: headers(key), signal, referrerPolicy: "no-referrer",
      body: JSON.stringify({ ...run.body, stream: true, structdiff_drafts: true }),
    });
    if (!response.ok) throw await faultOf(response);
    for await (const chunk of events(response.body)) {
      absorb(run, chunk);
      run.seconds = (performance.now() - began) / 1000;
      changed();
    }
    if (!run.told) throw new Fault({ message: "the stream ended before the answer did; is the server still there?" });
  } catch (error) {
    run.fault = reason(error);
  }
  changed();
  return run;
}

/** Returns the name of the model that is served; throws a Fault. */
export async function modelName(key) {
  const response = await fetch("v1/models", { headers: headers(key) });
  if (!response.ok) throw await faultOf(response);
  return (await response.json()).data.map((model) => model.id).join(", ");
}

function headers(key) {
  return { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) };
}

async function faultOf(response) {
  const body = await response.json().catch(() => null);
  return new Fault(body?.error ?? { message: `the server answered ${response.status} ${response.statusText}` });
}

function reason(error) {
  if (error instanceof Fault) return { message: error.message, param: error.param };
  if (error.name === "AbortError") return { message: "stopped", param: null };
  return { message: `the server cannot be reached or sent what is no answer (${error.message})`, param: null };
}

/** Yields the events of a server-sent stream, parsed, up to [DONE]. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split(/\r?\n\r?\n/);
    rest = parts.pop();
    for (const data of parts.map(dataOf).filter(Boolean)) {
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  }
}

function dataOf(event) {
  return event.split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart()).join("\n");
}

function absorb(run, chunk) {
  if (chunk.error) throw new Fault(chunk.error);
  const told = chunk.structdiff;
  if (told?.type === "canvas" || told?.type === "board") run.frames.push({ ...told, done: run.text });
  for (const choice of chunk.choices ?? []) {
    run.text += choice.delta?.content ?? "";
    if (choice.finish_reason) run.told = told ?? {};
  }
}
