// Frames of the streaming route as they arrive: in pieces of any size, cut off, or not at all.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { readFrames } from "../../viz/browser/stream.js";

const kept = globalThis.fetch;
afterEach(() => { globalThis.fetch = kept; });

function frame(head, numbers = []) {
  let text = new TextEncoder().encode(JSON.stringify(head));
  const padded = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(32);
  padded.set(text);
  text = padded;
  const bytes = new Uint8Array(8 + text.length + 4 * numbers.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  new DataView(bytes.buffer).setUint32(4, 4 * numbers.length, true);
  bytes.set(text, 8);
  bytes.set(new Uint8Array(Float32Array.from(numbers).buffer), 8 + text.length);
  return bytes;
}

function joined(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function serve(bytes, size, { status = 200, breaks = false } = {}) {
  globalThis.fetch = async () => {
    let at = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.slice(at, at += size));
        else if (breaks) controller.error(new Error("gone"));
        else controller.close();
      },
    });
    return new Response(body, { status });
  };
}

async function read() {
  const found = [];
  for await (const { head, numbers } of readFrames("/live/x", new AbortController().signal)) found.push([head, [...numbers]]);
  return found;
}

const FIRST = [{ kind: "record", text: "আমি “ä”" }, []];
const SECOND = [{ kind: "step", position: 0 }, [0.5, -1, 2.25]];

for (const size of [1, 3, 7, 8, 64, 1000]) {
  test(`frames are the same in pieces of ${size} bytes`, async () => {
    serve(joined(frame(...FIRST), frame(...SECOND), frame(...FIRST)), size);
    assert.deepEqual(await read(), [FIRST, SECOND, FIRST]);
  });
}

test("a stream that ends within a frame gives those before it and no more", async () => {
  const whole = frame(...SECOND);
  for (let cut = 0; cut < whole.length; cut += 5) {
    serve(joined(frame(...FIRST), whole.slice(0, cut)), 9);
    assert.deepEqual(await read(), [FIRST]);
  }
});

test("a connection that breaks is like one that ends", async () => {
  serve(frame(...FIRST), 5, { breaks: true });
  assert.deepEqual(await read(), [FIRST]);
});

test("damaged JSON is no frame", async () => {
  const bytes = frame(...SECOND);
  bytes[8] = 0x5d;
  serve(bytes, 100);
  await assert.rejects(read(), SyntaxError);
});

test("what the server says when it refuses is the reason", async () => {
  serve(new TextEncoder().encode("This run is no longer on the server."), 100, { status: 404 });
  await assert.rejects(read(), { message: "This run is no longer on the server." });
});

test("a server that does not answer is said to", async () => {
  globalThis.fetch = async () => { throw new TypeError("failed"); };
  await assert.rejects(read(), { message: "The server does not answer." });
});
