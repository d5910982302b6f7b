/** What `/api/admin/config` shows: LiveTalking's options with what they are here. */
import type { ShownConfig } from '../../server/routes/admin.js';
import { DEFAULTS } from '../serve/plan.js';
import type { Settings } from './settings.js';
import { THEIRS } from './table.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Values by LiveTalking's names; null for what nobody said, stars for what is secret. */
export function shownConfig({ options }: Settings, env: Environment): ShownConfig {
  const given: Environment = { ...DEFAULTS, ...options };
  const shown = THEIRS.map(({ name, becomes, secret }) => {
    const value =
      'option' in becomes
        ? given[becomes.option]
        : 'environment' in becomes
          ? env[becomes.environment]
          : undefined;
    if (value === undefined || value === '') return [name, null] as const;
    if (secret === true) return [name, '***'] as const;
    return [name, /^\d{1,15}$/.test(value) ? Number(value) : value] as const;
  });
  return Object.fromEntries(shown);
}
