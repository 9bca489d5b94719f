import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const resources = fileURLToPath(new URL('../../resources', import.meta.url))
const read = (path: string): Buffer => readFileSync(join(resources, path))

/** Width and height of a PNG, from its header chunk. */
function sizeOf(png: Buffer): [number, number] {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

test('every picture has the size its name says', () => {
  const names = readdirSync(join(resources, 'icons')).filter((name) => name.endsWith('.png'))
  expect(names.length).toBeGreaterThanOrEqual(8)
  for (const name of names) expect(sizeOf(read(`icons/${name}`)).join('x'), name).toBe(name.replace('.png', ''))
  expect(['window.png', 'tray.png', 'tray@2x.png'].map((name) => sizeOf(read(`desktop/${name}`))[0])).toEqual([256, 16, 32]) // prettier-ignore
})

test('the icon of Windows has the sizes that Explorer and the taskbar ask for', () => {
  const ico = read('icons/icon.ico')
  expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1])
  const sizes = Array.from({ length: ico.readUInt16LE(4) }, (_, index) => {
    const entry = 6 + index * 16
    const [bytes, offset] = [ico.readUInt32LE(entry + 8), ico.readUInt32LE(entry + 12)]
    expect(offset + bytes).toBeLessThanOrEqual(ico.length)
    // Zero stands for 256.
    return ico[entry]! || 256
  })
  expect(sizes).toEqual([16, 24, 32, 48, 64, 256])
})

test('the icon of macOS holds elements up to 1024 pixels, and nothing is cut off', () => {
  const icns = read('icons/icon.icns')
  expect(icns.subarray(0, 4).toString()).toBe('icns')
  expect(icns.readUInt32BE(4)).toBe(icns.length)
  const kinds: string[] = []
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) kinds.push(icns.subarray(at, at + 4).toString())
  expect(kinds).toEqual(expect.arrayContaining(['is32', 'il32', 'it32', 'ic08', 'ic09', 'ic10']))
})
