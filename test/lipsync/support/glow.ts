/**
 * A family that talkgraph does not know, as somebody would write one: its net is shown the whole face alone, red first, from
 * -1 to 1, calls what it hears `sound`, and paints from -1 to 1.
 */
import type { Family } from '../../../src/inference/family.js';

export default {
  heard: { name: 'sound', shape: [1, 80, 16] },
  features: ['mel'],
  shown: 'face',
  planes: 3,
  pack({ size }, crop, order) {
    const area = size * size;
    const face = new Float32Array(3 * area);
    for (let channel = 0; channel < 3; channel++) {
      const from = order === 'RGB' ? channel : 2 - channel;
      for (let i = 0; i < area; i++) face[channel * area + i] = crop[3 * i + from]! / 127.5 - 1;
    }
    return face;
  },
  unpack({ size }, out, patch) {
    const area = size * size;
    for (let channel = 0; channel < 3; channel++) {
      for (let i = 0; i < area; i++)
        patch[3 * i + channel] = Math.round(127.5 * (out[channel * area + i]! + 1));
    }
  },
} satisfies Family;
