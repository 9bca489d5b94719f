/** Where the pages of the window are. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `out/renderer` beside the built files, or beside the sources when run from them; undefined before the first build. */
export function pagesFolder(): string | undefined {
  return ['../renderer', '../../../out/renderer']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(`${path}/index.html`))
}
