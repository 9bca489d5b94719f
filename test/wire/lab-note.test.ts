/** What the responder decided, between the packets of a capture. */
import { inEnglish } from '#messages/text.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes } from '#shared/wire/bytes.ts'
import { pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { encodeLabNote, noteInterface, noteKinds, noteText, readLabNote, type LabNote } from '#shared/wire/lab-note.ts'
import { summarize } from '#shared/wire/summary.ts'
import { unreadFrames } from '#shared/trace/unread.ts'
import { FrameStore } from '#shared/trace/frame-store.ts'
import { describeWith } from '../helpers/requirements.ts'

const note: LabNote = { kind: 'not-booted', mac: '52:54:00:77:00:01', address: '', reason: 'no rule for "ARM64" [11]' }
const { linkType } = noteInterface

test('is read as it was written, whatever the reason is; control characters become spaces', () => {
  fc.assert(
    fc.property(fc.constantFrom(...noteKinds), fc.string({ unit: 'binary', maxLength: 300 }), (kind, text) => {
      // Half of a pair is no character, and not to be written as one.
      const reason = text.toWellFormed()
      const read = readLabNote(encodeLabNote({ kind, mac: '', address: '10.0.0.7', reason }))
      expect(read).toEqual({ kind, mac: '', address: '10.0.0.7', reason: reason.replace(/\p{Cc}+/gu, ' ') })
    }),
  )
})

test('other bytes of this link type are none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(readLabNote(bytes)).toBeUndefined()
    }),
  )
  expect(readLabNote(encodeLabNote(note).subarray(0, 40))).toBeUndefined()
})

test('is a line and a tree, and no frame that nobody reads', () => {
  const bytes = encodeLabNote(note)
  const line = { protocol: 'PXE Lab', summary: noteText(note), destination: note.mac, isMalformed: false }
  expect(summarize(bytes, { linkType })).toMatchObject(line)
  const { layers, problems } = dissect(bytes, { linkType })
  expect(problems).toEqual([])
  expect(layers[0]?.children?.map((one) => one.text)).toEqual([note.kind, note.mac, note.reason])
  const store = new FrameStore()
  store.addInterface(noteInterface)
  store.add({ interface: 0, seconds: 1, nanoseconds: 0, bytes })
  expect(unreadFrames(store)).toEqual([])
  store.add({ interface: 0, seconds: 1, nanoseconds: 0, bytes: bytes.subarray(0, 9) })
  expect(unreadFrames(store)).toEqual(['link type 252 (WIRESHARK_UPPER_PDU) is not read: 1 frame'])
})

describeWith(['tshark'], 'Wireshark', () => {
  test('shows the sentence', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-note-'))
    try {
      const file = join(folder, 'note.pcapng')
      const frame = pcapngFrame({ interface: 0, seconds: 1, nanoseconds: 0, bytes: encodeLabNote(note) })
      writeFileSync(file, concatBytes([pcapngHeader('test', [{ ...noteInterface, isSynthesised: true }]), frame]))
      const shown = execFileSync('tshark', ['-r', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      expect(shown).toContain('Syslog')
      expect(shown).toContain(inEnglish(noteText(note)))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
