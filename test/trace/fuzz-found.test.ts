/** What fuzzing has found, as it was found: each file of `test/fixtures/fuzz` once. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Session } from '#shared/trace/session.ts'
import { CaptureReader, pcapngHeader } from '#shared/wire/capture-file.ts'
import { concatBytes } from '#shared/wire/bytes.ts'
import { fixture } from '../helpers/fixtures.ts'

test('a simple packet before any interface ends the reading with a reason (pcapng, section 4.4)', () => {
  const session = new Session()
  session.push(new Uint8Array(readFileSync(fixture('fuzz/captures-20261121-35745'))))
  session.end()
  expect(session.store.count).toBe(0)

  const header = pcapngHeader('test', [])
  // Type 3, 16 bytes in all, a packet of no bytes.
  const simple = new Uint8Array(new Uint32Array([3, 16, 0, 16]).buffer)
  const frames: unknown[] = []
  const reader = new CaptureReader({ onInterface: () => {}, onFrame: (frame) => frames.push(frame) })
  reader.push(concatBytes([header, simple]))
  reader.end()
  expect(frames).toEqual([])
  expect(reader.damage?.message).toContain('before anything was said of its interface')
})
