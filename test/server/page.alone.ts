/** The page as a person meets it: a real Chromium presses Start, types a sentence, and the face says it. */
import t from 'tap';
import { correlation, smooth } from '../support/statistics.js';
import { hasChromium } from '../webrtc/support/chromium.js';
import { browserFor } from './support/browser.js';
import { serverOf } from './support/server.js';

interface Seen {
  /** Time of the frame, s. */
  readonly at: number;
  /** Part of the mouth's surroundings that shows the inside of it. */
  readonly open: number;
  /** Loudness at that moment, RMS. */
  readonly level: number;
}

/** What these functions find in the page; they run there, and its content policy allows no text to be run. */
type Shown = {
  document: {
    querySelector(selector: string): { videoWidth: number; videoHeight: number; naturalWidth: number };
  };
  seen: Seen[];
};

/** Runs in the page: notes mouth and loudness of every frame that is shown. */
const WATCH = `(() => {
  const video = document.querySelector('video');
  const audio = new AudioContext();
  const tap = audio.createAnalyser();
  tap.fftSize = 1024;
  audio.createMediaStreamSource(video.srcObject).connect(tap);
  const wave = new Float32Array(tap.fftSize);
  const canvas = new OffscreenCanvas(48, 32);
  const paper = canvas.getContext('2d', { willReadFrequently: true });
  window.seen = [];
  const step = (_, { mediaTime }) => {
    // Where the mouth of the default avatar is, however she holds her head. Skin and lips are redder than they are
    // green; teeth, and the dark behind them, are not.
    paper.drawImage(video, 210, 359, 120, 80, 0, 0, 48, 32);
    const { data } = paper.getImageData(0, 0, 48, 32);
    let inside = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] - data[i + 1] < 17) inside++;
    const open = inside / (48 * 32);
    tap.getFloatTimeDomainData(wave);
    const level = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
    window.seen.push({ at: mediaTime, open, level });
    video.requestVideoFrameCallback(step);
  };
  video.requestVideoFrameCallback(step);
})()`;

/** Loudness as an ear has it: above a floor that is silence. */
const decibels = (level: number) => Math.max(-50, 20 * Math.log10(level + 1e-9));

/** With so much of its inside seen a mouth is open; how far tells the vowel, not the loudness. */
const OPEN = 0.02;

t.test(
  'a stranger presses Start, types a sentence, and the face says it',
  { skip: !hasChromium && 'no chromium' },
  async (t) => {
    const server = await serverOf(2);
    const browser = await browserFor(t, server);
    const page = await browser.open(server.url);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.waitForSelector('#presenters label:has-text("Ava")');
    await page.waitForFunction(
      () => (globalThis as unknown as Shown).document.querySelector('#poster').naturalWidth === 512,
    );
    await page.click('#start');
    await page.waitForSelector('#state[data-state=idle]');
    await page.waitForFunction(
      () => (globalThis as unknown as Shown).document.querySelector('video').videoWidth === 512,
    );
    await page.evaluate(WATCH);
    await page.waitForFunction(() => (globalThis as unknown as Shown).seen.length > 50);
    await page.fill('#text', 'Mama may open the box. Papa is away. How are you today? All of us are here.');
    await page.click('#speak');
    await page.waitForSelector('#state[data-state=speaking]');
    t.match(await page.textContent('#said li'), /Mama may open/);
    await page.waitForSelector('#state[data-state=idle]');
    const spoken = await page.evaluate(() => (globalThis as unknown as Shown).seen.length);
    await page.waitForFunction((count) => (globalThis as unknown as Shown).seen.length > count + 30, spoken);
    const seen = await page.evaluate(() => (globalThis as unknown as Shown).seen);

    const loud = seen.findIndex(({ level }) => level > 0.02);
    const last = seen.findLastIndex(({ level }) => level > 0.02);
    t.ok(loud > 0, 'the voice is heard');
    const talk = seen.slice(loud, last + 1);
    const seconds = talk.at(-1)!.at - talk[0]!.at;
    t.ok(
      (talk.length - 1) / seconds > 20,
      `${((talk.length - 1) / seconds).toFixed(1)} frames a second while it speaks`,
    );
    const open = seen.map((frame) => frame.open);
    const still = Math.max(...open.slice(0, loud - 5));
    const widest = Math.max(...open.slice(loud, last + 1));
    t.ok(
      widest > still + 2 * OPEN,
      `the mouth opens: ${widest.toFixed(3)} of what is around it, at rest at most ${still.toFixed(3)}`,
    );
    // With a second of rest on either side: closed when nothing is said is half of following.
    const [from, to] = [Math.max(0, loud - 25), last + 26];
    const levels = smooth(
      seen.slice(from, to).map(({ level }) => decibels(level)),
      3,
    );
    const opens = smooth(
      open.slice(from, to).map((share) => Math.min(Math.max(0, share - still), OPEN)),
      3,
    );
    const lags = [-3, -2, -1, 0, 1, 2, 3].map((lag) => {
      const first = Math.max(0, -lag);
      const count = levels.length - Math.abs(lag);
      return correlation(levels.slice(first, first + count), opens.slice(first + lag, first + lag + count));
    });
    t.ok(
      Math.max(...lags) > 0.6,
      `the mouth follows the voice, r = ${lags.map((r) => r.toFixed(2)).join(' ')}`,
    );

    await page.click('#speak');
    await page.waitForSelector('#state[data-state=speaking]');
    await page.click('#cut');
    await page.waitForSelector('#state[data-state=idle]');

    // Somebody else is chosen: the page connects anew, and it is they who are seen.
    const [before] = [...server.sessions.list()];
    await page.click('#presenters label:has(input[value=drawn])');
    await page.waitForFunction(() => {
      const video = (globalThis as unknown as Shown).document.querySelector('video');
      return video.videoWidth === 512 && video.videoHeight === 512;
    });
    await page.waitForSelector('#state[data-state=idle]');
    await before?.close('left');
    t.strictSame(problems, []);

    const [session] = [...server.sessions.list()];
    const ended = new Promise<void>((resolve) =>
      session?.events.on('event', (event) => {
        if (event.type === 'state' && event.state === 'ended') resolve();
      }),
    );
    await page.close();
    await ended;
    t.equal(server.sessions.size, 0, 'the session ends with its page');
  },
);
