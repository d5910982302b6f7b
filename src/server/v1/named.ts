/** Values for parameters of a graph, as somebody sends them over the network. */
import { isAvatarId } from '../../avatar/index.js';
import { isModelName } from '../../inference/index.js';
import { mayAskFor } from '../../session/voices.js';
import { Refusal } from './api.js';

/** What names things of this machine must be a name, never a path. */
export async function named(
  parameters: Readonly<Record<string, string | number | boolean>>,
): Promise<Record<string, string | number>> {
  const { avatar, model, voice } = parameters;
  if (avatar !== undefined && !isAvatarId(String(avatar)))
    throw new Refusal(422, 'Expected the id of an avatar.');
  if (model !== undefined && !isModelName(String(model)))
    throw new Refusal(422, 'Expected the name of a model.');
  if (voice !== undefined && !(await mayAskFor(String(voice))))
    throw new Refusal(422, 'Expected the name of a voice.');
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? String(value) : value,
    ]),
  );
}
