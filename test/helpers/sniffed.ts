/** When a sniffer has seen all that was sent so far: the mark that is sent last is in its file. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, vi } from 'vitest'
import type { Network } from './network.ts'

/** Port of the mark (discard, RFC 863); the sniffer's filter has to let it through. */
export const markPort = 9

/** Resolves when what left `namespace` towards `address` before is in the file, which tcpdump writes with `-U --immediate-mode`. */
export async function sniffed(network: Network, namespace: string, address: string, file: string): Promise<void> {
  const mark = `mark ${Date.now()}`
  const script = `const s = require('node:dgram').createSocket('udp4'); s.send('${mark}', ${markPort}, '${address}', () => s.close())`
  expect(await network.exec(namespace, process.execPath, ['-e', script])).toMatchObject({ code: 0 })
  await vi.waitUntil(() => existsSync(file) && readFileSync(file).includes(mark), 60_000)
}
