/**
 * Whether one of the patterns of ReadFilter lets a name through, which is compared as the client wrote it; `*` stands for
 * anything, separators among it (Microsoft, WDS registry entries).
 */
export const isLetThrough = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) =>
    new RegExp(`^${pattern.split(/\*+/).map((part) => part.replaceAll(/[^\w]/g, '\\$&')).join('.*')}$`, 'is').test(name),
  ) // prettier-ignore
