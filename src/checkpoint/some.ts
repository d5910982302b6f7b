/** The first names of many. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} … (${names.length} in all)` : shown;
}
