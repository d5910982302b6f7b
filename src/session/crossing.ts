/** A string ends at a NUL behind the border to C; here it is a blank like any other sign without sound. */
export const crossing = (text: string): string => text.replaceAll('\0', ' ');
