import sharp from 'sharp';

/** Lays pictures of one size side by side, row by row, as one PNG, WebP or JPEG (by the file's ending). */
export async function contactSheet(
  tiles: readonly Buffer[],
  size: { width: number; height: number },
  across: number,
  file: string,
): Promise<void> {
  const { width, height } = size;
  const rows = Math.ceil(tiles.length / across);
  await sharp({
    create: { width: across * width, height: rows * height, channels: 3, background: '#ffffff' },
  })
    .composite(
      tiles.map((input, i) => ({ input, left: (i % across) * width, top: Math.floor(i / across) * height })),
    )
    .toFile(file);
}
