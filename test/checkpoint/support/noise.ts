/** Numbers from 0 to 65536: x' = 75 x + 74 mod 65537, as in test/fixtures/checkpoints.py. */
export function noise(count: number, seed: number): Int32Array {
  const out = new Int32Array(count);
  let x = seed;
  for (let i = 0; i < count; i++) {
    x = (75 * x + 74) % 65537;
    out[i] = x;
  }
  return out;
}

/** The face bytes and audio floats for a net, as the reference made them. */
export function inputsFor(size: number, audio: readonly number[], batch: number) {
  const face = Uint8Array.from(noise(batch * size * size * 3, 7), (n) => n % 256);
  const count = audio.reduce((product, dim) => product * dim, batch);
  const floats = Float32Array.from(noise(count, 11), (n) => (n / 65537) * 8 - 4);
  return { face, audio: floats };
}
