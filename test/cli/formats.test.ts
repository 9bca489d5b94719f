/** Captures of every kind that people have, through the command line. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { fixture } from '../helpers/fixtures.ts'
import { cli } from '../helpers/lab.ts'

const run = (...values: string[]) =>
  spawnSync(process.execPath, [cli, ...values], { encoding: 'utf8', timeout: 60_000 })
const format = (name: string): string => fileURLToPath(fixture(`formats/${name}`))
const good = fileURLToPath(fixture('field/pxe-good.pcap'))

const root = mkdtempSync(join(tmpdir(), 'pxe-lab-formats-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const write = (name: string, bytes: Uint8Array | string): string => {
  const file = join(root, name)
  writeFileSync(file, bytes)
  return file
}

/** A classic capture with another link type. */
const withLinkType = (linkType: number): Uint8Array => {
  const bytes = new Uint8Array(readFileSync(good))
  const littleEndian = bytes[0] === 0xd4 || bytes[0] === 0x4d
  new DataView(bytes.buffer).setUint32(20, linkType, littleEndian)
  return bytes
}

describe('links and tunnels', () => {
  test('the boot in each is told', () => {
    const told = ['enc-gre.pcap', 'enc-pppoe.pcap', 'enc-vxlan.pcap', 'link-80211-105.pcap'].map(
      (name) => run('explain', format(name)).stdout,
    )
    expect(told[0]).toMatch(/It loaded ipxe\.efi from 10\.0\.0\.1/)
    expect(new Set(told).size).toBe(1)
  })

  test.each([
    [195, 'IEEE802_15_4_WITHFCS'],
    [249, 'USBPCAP'],
    [155, 'USER8'],
    [4242, 'unknown'],
  ])('link type %i is named, and its frames are no proof that nothing booted', (linkType, name) => {
    const { status, stderr } = run('explain', write('link.pcap', withLinkType(linkType)))
    expect(stderr).toContain(`link type ${linkType} (${name}) is not read: 10 frames`)
    expect(status).toBe(3)
    expect(run('decode', join(root, 'link.pcap')).stdout).toContain(`link type ${linkType}  ${name} is not read`)
  })
})
