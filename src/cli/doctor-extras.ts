/**
 * What single features need besides: programs and a kernel module.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from './doctor-checks.js';

/** Things that only some uses need. */
export async function checkExtras(
  path: string = process.env['PATH'] ?? '',
  sys = '/sys/module',
): Promise<Finding[]> {
  const program = async (names: readonly string[]) => {
    for (const folder of path.split(':').filter((one) => one !== '')) {
      for (const name of names) if (await exists(join(folder, name))) return join(folder, name);
    }
    return undefined;
  };
  const programs: [string, readonly string[], string, string][] = [
    [
      'Chromium',
      ['chromium', 'chromium-browser', 'google-chrome'],
      'tests of the page',
      'sudo apt-get install chromium',
    ],
    ['ffprobe', ['ffprobe'], 'tests of files', 'sudo apt-get install ffmpeg'],
    ['eSpeak NG', ['espeak-ng'], 'the voice espeak', 'sudo apt-get install espeak-ng'],
    ['Graphviz', ['dot'], 'pictures of graphs (talkgraph graph dot)', 'sudo apt-get install graphviz'],
  ];
  const found = await Promise.all(
    programs.map(async ([name, files, why, cure]): Promise<Finding> => {
      const place = await program(files);
      const there = place !== undefined;
      return { area: 'extras', name, there, required: false, detail: place ?? why, ...(!there && { cure }) };
    }),
  );
  const loopback = await exists(join(sys, 'v4l2loopback'));
  const cure = 'sudo apt-get install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1';
  const camera = { area: 'extras', name: 'v4l2loopback', there: loopback, required: false };
  return [...found, { ...camera, detail: 'the virtual camera', ...(!loopback && { cure }) }];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
