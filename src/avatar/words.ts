/** `one frame`, `12 frames`. */
export function frames(count: number): string {
  return count === 1 ? 'one frame' : `${count} frames`;
}
