/** Outputs that are known by the address they send to: what our elements say of themselves. */
import { installed } from '../graph/installed.js';

/** The element that takes an address, and the port of one that names none. */
export interface OutputKind {
  readonly sink: string;
  readonly port: number;
}

/** By the scheme of the address. */
export async function outputKinds(): Promise<ReadonlyMap<string, OutputKind>> {
  const { declarations } = await installed();
  return new Map(
    declarations.flatMap(({ name: sink, schemes = {} }) =>
      Object.entries(schemes).map(([scheme, port]) => [scheme, { sink, port }] as const),
    ),
  );
}
