/** The file that a configuration includes, among those that were given with it. */
import type { SourceFile } from './model.ts'

const parts = (name: string): string[] => name.split(/[\\/]/).filter((one) => one !== '' && one !== '.')

/** The given file whose path ends as the name does, as far as both go; the longest agreement counts. */
export function findIncluded(name: string, others: readonly SourceFile[]): SourceFile | undefined {
  const wanted = parts(name)
  let best: { readonly file: SourceFile; readonly agreed: number } | undefined
  for (const file of others) {
    const there = parts(file.name)
    let agreed = 0
    while (agreed < wanted.length && agreed < there.length && wanted.at(-1 - agreed) === there.at(-1 - agreed)) agreed++
    if (agreed > 0 && agreed > (best?.agreed ?? 0)) best = { file, agreed }
  }
  return best?.file
}
