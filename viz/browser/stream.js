// Frames of the streaming route (viz/serving/frames.py): two lengths, JSON, float32 numbers.

export async function* readFrames(url, signal) {
  const response = await fetch(url, { signal, cache: "no-store" }).catch(() => {
    throw new Error("The server does not answer.");
  });
  if (!response.ok) throw new Error(await response.text());
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let bytes = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true })); // the caller sees that the end is missing
    if (done) return;
    bytes = concatenated(bytes, value);
    for (;;) {
      if (bytes.length < 8) break;
      const lengths = new DataView(bytes.buffer, bytes.byteOffset, 8);
      const textEnd = 8 + lengths.getUint32(0, true);
      const bodyEnd = textEnd + lengths.getUint32(4, true);
      if (bytes.length < bodyEnd) break;
      const head = JSON.parse(decoder.decode(bytes.subarray(8, textEnd)));
      const numbers = new Float32Array(bytes.slice(textEnd, bodyEnd).buffer);
      bytes = bytes.subarray(bodyEnd);
      yield { head, numbers };
    }
  }
}

function concatenated(left, right) {
  if (left.length === 0) return right;
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
