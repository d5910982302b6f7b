/**
 * `talkgraph avatar`: who can be shown here, and how one gets another.
 */
import { didYouMean } from '../graph/similar.js';
import { EXIT, UsageError } from './exit.js';
import type { Terminal } from './terminal.js';
import { Interrupted } from './work.js';

export const help = `
talkgraph avatar [list] [--json]
talkgraph avatar import FOLDER --id ID [options]
talkgraph avatar create FILE --id ID [options]
talkgraph avatar latents ID --model NAME [--provider LIST]
talkgraph avatar clips ID [ACTIONS.json] [--replace] [--json]
talkgraph avatar check ID [--json]
talkgraph avatar preview ID [--sheet FILE.png] [--video FILE.mp4] [options]

Lists the avatars that are here; the property avatar= of lipsyncfilter and pastebackmix takes their ids.

import makes one of a folder that LiveTalking plays (data/avatars/ID with full_imgs and coords.pkl), of any of its three
models. The folder is only read, nothing in it is executed.

  --id ID                what it will be called
  --model MODEL          wav2lip, musetalk or ultralight; default what the folder's files say
  --name TEXT            what people call it
  --licence TEXT         who may use the pictures for what
  --consent TEXT         who the person is, and what they agreed to
  --framerate N          pictures a second (25)
  --clips FILE.json      its custom actions, too (see clips)
  --store pictures|film  a WebP file each, or all in one file as they are shown; default what suits its length
  --replace              takes the place of an avatar of that id
  --json                 what was made, as JSON

create makes one of a video or a photo of a person, in any format that GStreamer decodes: finds the face and follows it,
and loops the calmest stretch there and back. Record ten seconds or more of somebody who listens: lips closed, face to the
camera, light from the front, without a cut. What is wrong with a video is said by time. A photo gets eight seconds of life: the head
sways a little, the chest breathes, the eyes blink.

  --id, --name, --licence, --consent, --store, --replace   as above
  --start SECONDS        leave out the beginning
  --read SECONDS         look at so much of it (120)
  --length SECONDS       the loop lasts at most so long, one way (12)
  --crop X,Y,W,H         use this part of the picture, pixels
  --size PIXELS          the longer side, at most (1280)
  --loop MODE            there-and-back, or forward
  --mouth MODE           close: lips that are a little apart are brought together; keep: they are left as they are
  --still                a photo stays one picture: no sway, no breath, no blinks
  --detector FILE        a YuNet as ONNX, for small or turned faces
  --folder FOLDER        where avatars live, if not there
  --json                 what was made and found, as JSON; progress as JSON lines on standard error

latents makes what a MuseTalk is shown of an avatar, once for each frame; LiveTalking's avatars for MuseTalk bring theirs.

clips lists what an avatar does besides speaking, or makes clips of LiveTalking's custom actions (the file of
--customvideo_config): audiotype 1 becomes "idle", N a clip named N, with its sound.

check looks at everything: files, pictures, boxes. preview draws a contact sheet with the boxes (ID.png), or what the
avatar says as a video:

  --sheet FILE.png       where the sheet goes
  --video FILE.mp4       a few seconds of speech instead
  --text TEXT            what it says in the video
  --model NAME           the lip-sync model of the video, and whose boxes the sheet shows

Avatars lie in the folder TALKGRAPH_AVATARS names, or in data/avatars. docs/avatars.md says more.
Exit codes: 0 done, 1 it cannot be done (check: something is wrong), 2 the command line is wrong, 130 interrupted.
`;

type Run = (args: string[], terminal: Terminal) => Promise<number>;

/** Subcommands, loaded when asked for. */
const WORDS: Readonly<Record<string, () => Promise<{ run: Run }>>> = {
  list: () => import('./avatar/list.js'),
  import: () => import('./avatar/import.js'),
  clips: () => import('./avatar/clips.js'),
  create: () => import('./avatar/create.js'),
  latents: () => import('./avatar/latents.js'),
  check: () => import('./avatar/check.js'),
  preview: () => import('./avatar/preview.js'),
};

/** Runs the subcommand; without one it lists. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const [first] = args;
  const named = first !== undefined && !first.startsWith('-');
  const word = named ? first : 'list';
  const entry = WORDS[word];
  if (entry === undefined)
    throw new UsageError(`avatar knows no "${word}"${didYouMean(word, Object.keys(WORDS))}`);
  try {
    return await (await entry()).run(named ? args.slice(1) : args, terminal);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    terminal.err('interrupted; nothing was left behind\n');
    return EXIT.interrupted;
  }
}
