// Which Node runs PXE Lab: this one where it is new enough, else the Node 24 that the package `node` brings into a clone.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** As in `engines` of package.json: node:sqlite needs no flag from these versions on. */
export const neededNode = 'Node 22.13 or newer'
export const isEnough = (version) => {
  const [major, minor] = version.split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 4) || (major === 22 && minor >= 13)
}

const bundled = fileURLToPath(
  new URL(
    process.platform === 'win32' ? '../node_modules/node/bin/node.exe' : '../node_modules/node/bin/node',
    import.meta.url,
  ),
)
const own = process.versions.node

/** Path of a Node that can run PXE Lab, 24 or newer where there is a choice; undefined where there is none. */
export const node24 =
  Number.parseInt(own, 10) >= 24
    ? process.execPath
    : existsSync(bundled)
      ? bundled
      : isEnough(own)
        ? process.execPath
        : undefined

/** What to say where there is none. */
export const nodeTooOld = `Node ${own} is too old: PXE Lab keeps leases in node:sqlite. Install ${neededNode}.`
