/** Names of the elements that encode H.264 on graphics cards, best first, and whose they are. */
export const MAKERS = {
  nvh264enc: 'NVIDIA NVENC',
  vah264enc: 'VA-API: AMD, Intel',
  vah264lpenc: 'VA-API in low power mode: Intel',
  qsvh264enc: 'Intel Quick Sync',
} as const;

export type Hardware = keyof typeof MAKERS;
export const HARDWARE = Object.keys(MAKERS) as readonly Hardware[];

/** What the option `encoder` may be. */
export const ENCODER_VALUES = ['auto', 'software', ...HARDWARE] as const;
