// Finds the Node 24 that the package `node` brings, so that a machine with an older Node can run everything.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const wanted = [22, 13]
const have = process.versions.node.split('.').map(Number)
const isEnough = have[0] > wanted[0] || (have[0] === wanted[0] && have[1] >= wanted[1])
const bundled = fileURLToPath(
  new URL(
    process.platform === 'win32' ? '../node_modules/node/bin/node.exe' : '../node_modules/node/bin/node',
    import.meta.url,
  ),
)

/** Path of a Node that can run PXE Lab; undefined where there is none. */
export const node24 =
  have[0] >= 24 ? process.execPath : existsSync(bundled) ? bundled : isEnough ? process.execPath : undefined
