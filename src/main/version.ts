import { readFileSync } from 'node:fs'

/** From package.json, which lies two folders above both the sources and the built files. */
export const { version, homepage, releases } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as {
  version: string
  homepage: string
  /** Address of the newest release's description, as JSON. */
  releases: string
}
