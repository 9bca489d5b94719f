/** Captures of every kind that people have, through the command line. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { fixture } from '../helpers/fixtures.ts'
import { cli } from '../helpers/lab.ts'

const run = (...values: string[]) =>
  spawnSync(process.execPath, [cli, ...values], { encoding: 'utf8', timeout: 300_000, maxBuffer: 1 << 26 })
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

describe('files', () => {
  const { stdout } = run('explain', good)

  test.each([
    'pxe-good.pcap.gz',
    'pxe-good.pcap.zst',
    'pxe-good.pcap.lz4',
    'pxe-good-linked.pcap.lz4',
    'solaris.snoop',
    'modified-a1b2cd34.pcap',
    'nanosecond.pcap',
    'network-monitor-2.cap',
    'obsolete-packet-block.pcapng',
    'if-tsoffset.pcapng',
    'tcpdump-xx.txt',
  ])('%s is told as the plain capture is', (name) => {
    expect(run('explain', format(name))).toMatchObject({ stdout, stderr: '', status: 0 })
  })

  test.each(['gz', 'zst', 'lz4'])('a file of %s that ends too early is told, with what came before', (ending) => {
    const whole = readFileSync(format(`pxe-good.pcap.${ending}`))
    const { status, stderr } = run('explain', write(`cut.${ending}`, whole.subarray(0, whole.length - 9)))
    expect(stderr).toMatch(/is damaged in its (gzip|zstd|lz4) compression: .+\. \d+ frames before that were read/)
    expect(status).toBe(2)
  })

  test('several members of gzip are one file, and much before a cut is read', () => {
    const frames = readFileSync(good)
    const records = frames.subarray(24)
    const big = Buffer.concat([frames.subarray(0, 24), ...Array.from({ length: 4000 }, () => records)])
    const members = Buffer.concat([gzipSync(big.subarray(0, 5_000_000)), gzipSync(big.subarray(5_000_000))])
    expect(run('decode', write('members.gz', members)).stdout.trimEnd().split('\n')).toHaveLength(40_000)
    const cut = run('decode', write('cut.gz', members.subarray(0, members.length - 20)))
    expect(cut.status).toBe(2)
    expect(cut.stdout.trimEnd().split('\n').length).toBeGreaterThan(20_000)
  })

  test('what holds no frames is told by what it is', () => {
    const trace = new Uint8Array(4096)
    trace.set([0, 0, 1, 0])
    trace.set([2, 0, 2, 0xc0], 72)
    const { status, stderr } = run('explain', write('trace.etl', trace))
    expect(stderr).toContain('pktmon etl2pcap FILE --out capture.pcapng')
    expect(status).toBe(2)
  })
})
