/** What a folder of LiveTalking has that this server has not yet: weights and avatars are imported once. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isAvatarId, listAvatars } from '../../avatar/index.js';
import { listModels } from '../../inference/index.js';
import { UsageError } from '../exit.js';

/** LiveTalking's names for kinds of models, whose weights are brought by whoever has them: where they lie there, and what is imported. */
const WEIGHTS: Readonly<Record<string, readonly [lies: string, imported: string]>> = {
  wav2lip: ['models/wav2lip.pth', 'models/wav2lip.pth'],
  musetalk: ['models/musetalkV15', '.'],
  // Beside each avatar.
  ultralight: ['', ''],
};

/**
 * A kind of model is no model, and a folder of theirs no avatar of ours: who starts the server where LiveTalking lies is told the lines
 * that make them so, all at once. An avatar that is nowhere is another matter.
 * @throws UsageError with those lines
 */
export async function demandImported(model: string, avatar: string, folder = '.'): Promise<void> {
  const lines: string[] = [];
  const lacking: string[] = [];
  const weights = WEIGHTS[model];
  if (weights !== undefined && !(await listModels()).includes(model)) {
    const [lies, imported] = weights;
    lacking.push(`no model ${model}`);
    const file = lies !== '' && existsSync(join(folder, lies)) ? imported : 'FILE';
    lines.push(`talkgraph models import ${file} --name ${model}`);
  }
  const theirs = `data/avatars/${avatar}`;
  if (
    isAvatarId(avatar) &&
    existsSync(join(folder, theirs, 'full_imgs')) &&
    !(await listAvatars()).includes(avatar)
  ) {
    lacking.push(`no avatar ${avatar}`);
    lines.push(`talkgraph avatar import ${theirs} --id ${avatar}`);
  }
  if (lines.length === 0) return;
  const more =
    weights === undefined || lacking.length > 1
      ? ''
      : '\ndocs/models.md says which files. Without --model the one that comes with talkgraph moves the lips.';
  throw new UsageError(
    `there is ${lacking.join(' and ')} yet; what LiveTalking plays is imported once:\n  ${lines.join('\n  ')}`,
    `docs/livetalking.md says what is different.${more}`,
  );
}
