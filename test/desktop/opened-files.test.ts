import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { offerFile, serveOpenedFile } from '../../src/main/electron/opened-files.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-opened-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const offered = (name: string): string => offerFile(join(folder, name)).url
const lengths = async (url: string, meanwhile?: () => void): Promise<[number, number, number]> => {
  const response = (await serveOpenedFile(url))!
  meanwhile?.()
  const { length } = new Uint8Array(await response.arrayBuffer())
  return [response.status, Number(response.headers.get('content-length')), length]
}

test('a capture that grows is as long as was announced', async () => {
  writeFileSync(join(folder, 'a.pcapng'), new Uint8Array(300_000))
  const grow = (): void => appendFileSync(join(folder, 'a.pcapng'), new Uint8Array(300_000))
  expect(await lengths(offered('a.pcapng'), grow)).toEqual([200, 300_000, 300_000])
})

test('what is empty, gone or no file, and addresses that were never given', async () => {
  writeFileSync(join(folder, 'empty.pcap'), '')
  mkdirSync(join(folder, 'folder.pcap'))
  expect(await lengths(offered('empty.pcap'))).toEqual([200, 0, 0])
  for (const url of [offered('folder.pcap'), offered('gone.pcap'), '/opened/99', '/opened/../a.pcapng'])
    expect((await serveOpenedFile(url))!.status, url).toBe(404)
  expect(await serveOpenedFile('/index.html')).toBeUndefined()
})
