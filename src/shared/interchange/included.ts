/** Files that a configuration includes, among those that were given with it. */
import type { SourceFile } from './model.ts'

/** The parts of a path, without those that lead nowhere or up. */
export const pathParts = (name: string): string[] => name.split(/[\\/]/).filter((one) => !/^\.{0,2}$/.test(one))

/** How many parts from the end two paths have in common. */
function agreement(wanted: readonly string[], there: readonly string[]): number {
  let agreed = 0
  while (agreed < wanted.length && agreed < there.length && wanted.at(-1 - agreed) === there.at(-1 - agreed)) agreed++
  return agreed
}

/** The given file whose path ends as the name does, as far as both go; the longest agreement counts. */
export function findIncluded(name: string, others: readonly SourceFile[]): SourceFile | undefined {
  const wanted = pathParts(name)
  let best: { readonly file: SourceFile; readonly agreed: number } | undefined
  for (const file of others) {
    const agreed = agreement(wanted, pathParts(file.name))
    if (agreed > (best?.agreed ?? 0)) best = { file, agreed }
  }
  return best?.file
}

/**
 * The given files that lie in a folder, in the order of their names; with `withBare` also those whose names tell no folder, as
 * a browser gives them.
 */
export function filesInFolder(name: string, others: readonly SourceFile[], withBare: boolean): SourceFile[] {
  const wanted = pathParts(name)
  return others
    .map((file) => ({ file, parts: pathParts(file.name) }))
    .filter(({ parts }) => (withBare && parts.length === 1) || agreement(wanted, parts.slice(0, -1)) > 0)
    .toSorted((a, b) => (a.parts.at(-1)! < b.parts.at(-1)! ? -1 : 1))
    .map(({ file }) => file)
}
