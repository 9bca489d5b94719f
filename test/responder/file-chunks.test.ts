/** Pieces of files shared by transfers over HTTP: read once, right to the byte, never of two versions, and given back. */
import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { versionOf } from '../../src/main/responder/boot-folder.ts'
import { chunkBytes, FileChunks } from '../../src/main/responder/file-chunks.ts'

const size = 2 * chunkBytes + 75_712
let root: string
beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-chunks-'))))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const content = Buffer.from(Array.from({ length: size }, (_, at) => (at * 7 + (at >> 8)) & 255))

/** The file open as the boot folder opens it, and how often it was read. */
async function opened(name: string, { isNew = false } = {}) {
  const path = join(root, name)
  writeFileSync(path, content)
  if (!isNew) utimesSync(path, 1_700_000_000, 1_700_000_000)
  const handle = await open(path)
  const { mtime } = await handle.stat()
  let reads = 0
  const counted = new Proxy(handle, {
    get: (target, key) => {
      if (key === 'read') reads++
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const file = { handle: counted, size, version: await versionOf(handle), modified: mtime }
  return { file, path, close: () => handle.close(), reads: () => reads }
}

async function whole(chunks: FileChunks, file: Parameters<FileChunks['read']>[0], start = 0, end = size - 1) {
  const parts: Buffer[] = []
  for (let at = start; at <= end;) {
    const chunk = (await chunks.read(file, at, end))!
    parts.push(Buffer.from(chunk.bytes))
    at += chunk.bytes.length
    chunk.release()
    chunk.release()
  }
  return Buffer.concat(parts)
}

test('twenty transfers at once read each piece once, and every range is right', async () => {
  const chunks = new FileChunks()
  const { file, close, reads } = await opened('shared')
  const all = await Promise.all(Array.from({ length: 20 }, () => whole(chunks, file)))
  expect(all.every((one) => one.equals(content))).toBe(true)
  expect(reads()).toBe(3)
  for (const [start, end] of [[0, 0], [chunkBytes - 1, chunkBytes], [1, size - 1], [size - 1, size - 1], [600_000, 1_100_000]] as const) // prettier-ignore
    expect((await whole(chunks, file, start, end)).equals(content.subarray(start, end + 1)), `${start}-${end}`).toBe(true) // prettier-ignore
  expect([reads(), chunks.inUse]).toEqual([3, 0])
  await close()
})

test('a file that changes ends whoever needs more of it, and a new version is read anew', async () => {
  const chunks = new FileChunks()
  const { file, path, close } = await opened('changing')
  const first = (await chunks.read(file, 0, size - 1))!
  appendFileSync(path, 'more')
  expect(await chunks.read(file, chunkBytes, size - 1)).toBeUndefined()
  // What was read before is of the version that was asked for.
  expect(Buffer.from(first.bytes).equals(content.subarray(0, chunkBytes))).toBe(true)
  first.release()
  const again = await opened('changing')
  expect((await whole(chunks, again.file)).equals(content)).toBe(true)
  expect(chunks.inUse).toBe(0)
  await Promise.all([close(), again.close()])
})

test('what was written just now is not kept, since it may be written again under the same time', async () => {
  const chunks = new FileChunks()
  const { file, close, reads } = await opened('new', { isNew: true })
  await whole(chunks, file)
  await whole(chunks, file)
  expect(reads()).toBe(6)
  await close()
})

test('pieces that are in use are never given to another, however many there are', async () => {
  const chunks = new FileChunks()
  const files = await Promise.all(Array.from({ length: 60 }, (_, at) => opened(`many${at}`)))
  const held = await Promise.all(
    files.flatMap(({ file }) => [0, chunkBytes, 2 * chunkBytes].map(async (at) => ({ at, chunk: (await chunks.read(file, at, size - 1))! }))),
  ) // prettier-ignore
  for (const { at, chunk } of held)
    expect(Buffer.from(chunk.bytes).equals(content.subarray(at, at + chunk.bytes.length))).toBe(true)
  expect(chunks.inUse).toBe(180)
  for (const { chunk } of held) chunk.release()
  expect(chunks.inUse).toBe(0)
  for (const { file } of files) expect((await whole(chunks, file)).equals(content)).toBe(true)
  await Promise.all(files.map(({ close }) => close()))
})
