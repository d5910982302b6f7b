/** `one frame`, `12 frames`. */
export function frames(count: number): string {
  return count === 1 ? 'one frame' : `${count} frames`;
}

/** What is not known of who may use an avatar, and where to write it; undefined where nothing is missing. */
export function unknownUse({
  licence,
  consent,
}: {
  readonly licence?: string | undefined;
  readonly consent?: string | undefined;
}): string | undefined {
  if (licence !== undefined) return undefined;
  return consent === undefined
    ? 'Nobody knows who may use it: write "licence" and "consent" into its avatar.yaml.'
    : 'Its person has agreed, but nobody knows what others may do with it: write "licence" into its avatar.yaml.';
}
