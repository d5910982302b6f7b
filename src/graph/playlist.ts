import { open } from 'node:fs/promises';

/**
 * True for a file that begins as text. A playlist is text, and would make GStreamer fetch whatever it names, from the net or from
 * this machine; no video is.
 */
export async function isText(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
    return (
      bytesRead > 0 && buffer.subarray(0, bytesRead).every((byte) => byte >= 32 || (byte >= 9 && byte <= 13))
    );
  } finally {
    await handle.close();
  }
}
