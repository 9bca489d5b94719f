/** The gallery of boots of the documentation: what a page shows and what it lets one download. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  galleryEntry,
  galleryIds,
  galleryIndex,
  gallerySidebar,
  linkedScenarios,
} from '../../scripts/documents/gallery.ts'
import { describeWith } from '../helpers/requirements.ts'

const shown = ['option-60-left-over', 'ipv6-pxe', 'wrong-vlan', 'pool-exhausted'] as const
const entries = shown.map((id) => galleryEntry(id))
const [leftOver] = entries

describe('the gallery of boots', () => {
  test.each(entries)(
    '$id: every picture and capture of the page is there, and the other way round',
    ({ page, files }) => {
      const named = [...page.matchAll(/\.\.\/\.\.\/(boots\/[^)"]+)/g)].map(([, path]) => path!)
      expect(named.sort()).toEqual(files.map((one) => one.path).sort())
      expect(named.length).toBeGreaterThan(0)
    },
  )

  test('before the repair and after it, with the names of the drawing', () => {
    const text = (path: string): string => String(leftOver!.files.find((one) => one.path.endsWith(path))?.content)
    expect(text('before.svg')).toMatch(/>bios-pc<.*>DHCP server<.*ACK from port 4011.* did not come/s)
    expect(text('after.svg')).toMatch(/>WDS server<.*wdsnbp\.com/s)
    expect(text('after.svg')).not.toContain('did not come')
    expect(leftOver!.page).toContain('bios-pc, BIOS boot ROM (Intel UNDI, PXE 2.1), fails with PXE-E55 after')
    expect(leftOver!.page).toContain('bios-pc, BIOS boot ROM (Intel UNDI, PXE 2.1), boots after')
    expect(leftOver!.page).toContain('netsh dhcp server delete optionvalue 60')
  })

  test('the index, the side and the list of scenarios lead to each page', () => {
    const ids = galleryIds()
    expect(ids.length).toBeGreaterThan(60)
    for (const { id } of entries) {
      expect(ids).toContain(id)
      expect(galleryIndex(entries)).toContain(`](./${id}/)`)
      expect(JSON.stringify(gallerySidebar(entries))).toContain(`"gallery/${id}"`)
    }
    const list = 'pxe-lab simulate ipv6-pxe --ladder\n```\n\n### Next'
    expect(linkedScenarios(list, ids)).toContain('```\n\n[Its ladder and capture](../../gallery/ipv6-pxe/)\n\n### Next')
  })
})

describeWith(['tshark'], 'its captures', () => {
  test('tshark reads every packet, by its name and without a complaint', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-gallery-'))
    try {
      const file = join(folder, 'boot.pcapng')
      writeFileSync(file, leftOver!.files.find((one) => one.path.endsWith('before.pcapng'))!.content)
      const fields = ['frame.number', 'dhcp.option.dhcp', 'udp.dstport', '_ws.malformed'].flatMap((name) => ['-e', name])
      const { stdout, status } = spawnSync('tshark', ['-r', file, '-Y', 'eth.addr == 02:00:5e:10:00:01 && dhcp', '-T', 'fields', ...fields], { encoding: 'utf8' })
      expect(status).toBe(0)
      const rows = stdout.trimEnd().split('\n').map((line) => line.split('\t'))
      // DISCOVER, REQUEST, and four requests to port 4011 that nobody answers.
      const types = rows.map(([, type, port]) => `${type} ${port}`)
      expect(types.filter((one) => one === '3 4011')).toHaveLength(4)
      expect(types).toContain('1 67')
      expect(rows.every(([, , , malformed = '']) => malformed === '')).toBe(true)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}) // prettier-ignore
