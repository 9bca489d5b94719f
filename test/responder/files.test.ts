/** Files that are replaced, and text in every form that Windows writes. */
import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readText, writeText, type TextForm } from '#shared/lab/text-form.ts'
import { CaptureReader } from '#shared/wire/capture-file.ts'
import { replaceFile } from '../../src/main/files/replace-file.ts'
import { readTextFile } from '../../src/main/files/text-file.ts'
import { changeLabText, LabFile, parseLab } from '../../src/main/workspace/lab-file.ts'
import { findScenario } from '../../src/main/workspace/scenario-library.ts'

let folder: string
const at = (name: string): string => join(folder, name)
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-files-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const read = (bytes: Uint8Array): ReturnType<typeof readText> =>
  readText(bytes, (encoding, options) => new TextDecoder(encoding, options))

describe('a file that is replaced', () => {
  test('is whole: whoever had it open still reads the old one', async () => {
    writeFileSync(at('lab.yaml'), 'old')
    linkSync(at('lab.yaml'), at('held'))
    await replaceFile(at('lab.yaml'), 'new')
    expect([readFileSync(at('lab.yaml'), 'utf8'), readFileSync(at('held'), 'utf8')]).toEqual(['new', 'old'])
    expect(readdirSync(folder).sort()).toEqual(['held', 'lab.yaml'])
  })

  test.skipIf(process.platform === 'win32')('keeps its permissions and its owner; a new one has those that were asked for', async () => {
    writeFileSync(at('lab.yaml'), 'old')
    chmodSync(at('lab.yaml'), 0o664)
    await replaceFile(at('lab.yaml'), 'new', { mode: 0o600 })
    expect(statSync(at('lab.yaml')).mode & 0o777).toBe(0o664)
    await replaceFile(at('leases.json'), 'new', { mode: 0o600 })
    expect(statSync(at('leases.json')).mode & 0o777).toBe(0o600)
  }) // prettier-ignore

  test('that cannot be written leaves no draft, and what was there', async () => {
    mkdirSync(at('folder'))
    await expect(replaceFile(at('folder'), 'x')).rejects.toMatchObject({ code: 'EISDIR' })
    await expect(replaceFile(at('missing/lab.yaml'), 'x')).rejects.toMatchObject({ code: 'ENOENT' })
    writeFileSync(at('lab.yaml'), 'old')
    // Whatever breaks while it is written: here content that is none.
    await expect(replaceFile(at('lab.yaml'), 7 as unknown as string)).rejects.toThrow()
    expect(readFileSync(at('lab.yaml'), 'utf8')).toBe('old')
    expect(readdirSync(folder).sort()).toEqual(['folder', 'lab.yaml'])
  })

  test.skipIf(process.platform === 'win32')('behind a link: replaced there, or refused', async () => {
    mkdirSync(at('real'))
    writeFileSync(at('real/lab.yaml'), 'old')
    symlinkSync('real/lab.yaml', at('lab.yaml'))
    await replaceFile(at('lab.yaml'), 'new')
    expect([readlinkSync(at('lab.yaml')), readFileSync(at('real/lab.yaml'), 'utf8')]).toEqual(['real/lab.yaml', 'new'])
    await expect(replaceFile(at('lab.yaml'), 'x', { refusesLinks: true })).rejects.toMatchObject({ code: 'ELOOP' })
    expect(readFileSync(at('lab.yaml'), 'utf8')).toBe('new')
  })

  test.skipIf(process.platform === 'win32')('a device is written to and stays one', async () => {
    await replaceFile('/dev/null', 'x')
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })
})

const form = fc.record<TextForm>({
  encoding: fc.constantFrom('utf-8', 'utf-16le', 'utf-16be'),
  hasMark: fc.constant(true),
  lineEnd: fc.constantFrom('\n', '\r\n'),
})
/** Text as it is inside the program: whole characters, line feeds only, and no mark of its own. */
const text = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a: ü', 'b: 名'))).map((lines) => lines.join('\n').replaceAll('\r', '').replace(/^\ufeff+/, '').toWellFormed()) // prettier-ignore

describe('text', () => {
  test('of every form is read, and written back as it was', () => {
    fc.assert(
      fc.property(text, form, (content, written) => {
        const bytes = writeText(content, written)
        const back = read(bytes)
        expect(back.text).toBe(content)
        // Without a line there is nothing to see its end by.
        expect(back.form).toEqual(content.includes('\n') ? written : { ...written, lineEnd: '\n' })
        expect(writeText(back.text, back.form)).toEqual(bytes)
      }),
    )
  })

  test('without a mark: UTF-16 by its zero octets, and what is no UTF-8 as western Windows writes it', () => {
    const wide = new Uint8Array(Buffer.from('interface: eth0\r\n', 'utf16le'))
    expect(read(wide)).toEqual({ text: 'interface: eth0\n', form: { encoding: 'utf-16le', hasMark: false, lineEnd: '\r\n' } }) // prettier-ignore
    const big = new Uint8Array(Buffer.from('a: 1\n', 'utf16le').swap16())
    expect(read(big).form).toEqual({ encoding: 'utf-16be', hasMark: false, lineEnd: '\n' })
    const ansi = read(new Uint8Array(Buffer.from('# Pr\xfcfstand\n', 'latin1')))
    expect(ansi).toEqual({ text: '# Prüfstand\n', form: { encoding: 'utf-8', hasMark: false, lineEnd: '\n' } })
    expect(read(new Uint8Array()).text).toBe('')
  })

  test('a lab file keeps encoding, mark and line ends through every edit', async () => {
    const before = '\ufeff# Prüfstand\r\ninterface: eth0 # the bench\r\nmode: listen\r\n'
    for (const encoding of ['utf8', 'utf16le'] as const) {
      writeFileSync(at('lab.yaml'), Buffer.from(before, encoding))
      const file = new LabFile(at('lab.yaml'))
      const now = await file.readText()
      expect(parseLab(now)).toMatchObject({ ok: true, lab: { interface: 'eth0' } })
      await file.write(changeLabText(now, [{ path: ['mode'], value: 'dhcp' }]))
      await file.write((await file.readText()).replace('eth0', 'eth1'))
      expect(readFileSync(at('lab.yaml')).toString(encoding)).toBe(before.replace('listen', 'dhcp').replace('eth0', 'eth1')) // prettier-ignore
    }
  })

  test('a copy of a lab file is written as the original is', async () => {
    const before = Buffer.from('\ufeffinterface: eth0\r\nmode: listen\r\n', 'utf16le')
    writeFileSync(at('lab.yaml'), before)
    await new LabFile(at('copy.yaml')).write(await new LabFile(at('lab.yaml')).readText(), at('lab.yaml'))
    expect(readFileSync(at('copy.yaml'))).toEqual(before)
  })

  test('a scenario that PowerShell wrote is read', async () => {
    const shipped = new URL('../../resources/scenarios/option-60-left-over.yaml', import.meta.url)
    const { text: content } = await readTextFile(shipped.pathname)
    writeFileSync(at('mine.yaml'), writeText(content, { encoding: 'utf-16le', hasMark: true, lineEnd: '\r\n' }))
    expect(await findScenario(at('mine.yaml'))).toMatchObject({ ok: true, id: 'mine' })
    expect(existsSync(at('mine.yaml'))).toBe(true)
  })

  test('a capture that PowerShell redirected is told as what it is', () => {
    const reader = new CaptureReader({ onInterface: () => {}, onFrame: () => {} })
    reader.push(
      writeText('\u00d4\u00c3\u00b2\u00a1'.repeat(20), { encoding: 'utf-16le', hasMark: true, lineEnd: '\n' }),
    )
    reader.end()
    expect(reader.damage?.message).toMatch(/^it is no capture file; it is UTF-16 text: Windows PowerShell/)
  })
})
