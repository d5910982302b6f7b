import type { Family } from '../../inference/family.js';

/**
 * The MuseTalk family: it is shown latents in the place of pixels, `latent` [8, 32, 32], made once for each frame of an
 * avatar: of the face with its lower half hidden, then of the whole one. With them and with what is heard, `audio` [50, 384],
 * it gives the picture as bytes.
 */
export default {
  heard: { name: 'audio', shape: [undefined, undefined] },
  features: ['whisper'],
  shown: 'latent',
} satisfies Family;
