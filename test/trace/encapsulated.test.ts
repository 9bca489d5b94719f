import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import { Session } from '#shared/trace/session.ts'
import { linkTypes, pcapngFrame, pcapngHeader, type CapturedFrame } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { allFields } from '#shared/wire/dissect/field.ts'
import { fieldKeys } from '#shared/wire/dissect/keys.ts'
import { FrameHeaders } from '#shared/wire/headers.ts'
import { layerKinds, LayerWalk } from '#shared/wire/layers.ts'
import { ipLinks, isIpv4Frame, links, tunnels, type Wrapping } from '../helpers/encapsulate.ts'
import { captureNames, fixture, framesIn } from '../helpers/fixtures.ts'
import { describeWith } from '../helpers/requirements.ts'

const all: readonly Wrapping[] = [...tunnels, ...links, ...ipLinks]
const carriesOnlyIp = new Set(ipLinks)
const bare: Wrapping = { name: 'bare', linkType: linkTypes.ethernet, wrap: (frame) => frame }

function fileOf(frames: readonly CapturedFrame[], { linkType, wrap }: Wrapping): Uint8Array {
  const parts = [
    pcapngHeader('test', [{ linkType, name: 'wrapped', isSynthesised: false }]),
    ...frames.map((frame) => pcapngFrame({ ...frame, interface: 0, bytes: wrap(frame.bytes) })),
  ]
  return Buffer.concat(parts)
}

/** Machines, attempts, and what is said of them; that a tag is told is what is right about it. */
function storyOf(frames: readonly CapturedFrame[], wrapping: Wrapping): unknown {
  const session = new Session()
  session.push(fileOf(frames, wrapping))
  session.end()
  expect(session.damage).toBeUndefined()
  const { store, trace } = session
  const story = {
    machines: trace.machines.map(({ name, address }) => ({ name, address })),
    attempts: trace.attempts.map((attempt) => explainAttempt(store, attempt, { nowNs: session.endNs })),
  }
  return JSON.parse(JSON.stringify(story).replaceAll(/ with VLAN tag \d+/g, ''))
}

/** The beginnings of the long ones, which are all alike; wrapped sixty times over they would take minutes. */
const mostFrames = 400
const framesOf = (name: string): CapturedFrame[] =>
  framesIn(readFileSync(fixture(`captures/${name}`))).slice(0, mostFrames)

describe('a boot in another link or in a tunnel is the same boot', () => {
  test.each(captureNames)('%s', (name) => {
    const frames = framesOf(name)
    const packets = frames.filter((frame) => isIpv4Frame(frame.bytes))
    const story = storyOf(frames, bare)
    const storyOfPackets = storyOf(packets, bare)
    for (const wrapping of all) {
      const isIp = carriesOnlyIp.has(wrapping)
      const told = storyOf(isIp ? packets : frames, wrapping)
      expect(told, wrapping.name).toEqual(isIp ? storyOfPackets : story)
    }
  })
})

/** Fields of layers that both name. */
const compared = [
  'eth.src', 'eth.dst', 'vlan.id', 'vlan.etype', 'mpls.label', 'mpls.bottom', 'mpls.ttl', 'ppp.protocol', 'llc.dsap', 'llc.ssap',
  'llc.oui', 'llc.type', 'gre.proto', 'gre.key', 'vxlan.vni', 'geneve.proto_type', 'geneve.vni', 'erspan.version', 'erspan.vlan',
  'erspan.spanid', 'wlan.sa', 'wlan.da', 'sll.src.eth', 'sll.etype', 'null.family', 'ieee8021ah.isid', 'pppoe.session_id',
  'ip.src', 'ip.dst', 'ip.proto', 'ipv6.src', 'ipv6.dst', 'udp.srcport', 'udp.dstport', 'dhcp.type', 'dhcp.id',
  'tftp.opcode', 'tftp.source_file', 'tftp.block',
] // prettier-ignore

describeWith(['tshark'], 'the layers are those of tshark', () => {
  const frames = framesOf('full-bios-ipxe.pcap').slice(0, 30)
  const packets = frames.filter((frame) => isIpv4Frame(frame.bytes))

  // These it does not read, or guesses wrongly at: what a pseudowire carries, which octet of CAPWAP's 802.11 is the first.
  const unknown = ['QinQ 9200 9300', 'PPP of pppd', 'PPPoE alone', '802.1ah', 'MPLS pseudowire', 'CAPWAP 802.11']
  const known = all.filter(({ name }) => !unknown.includes(name))

  test.each(known.map((one) => one.name))('%s', (name) => {
    const wrapping = all.find((one) => one.name === name)!
    const list = carriesOnlyIp.has(wrapping) ? packets : frames
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-layers-'))
    let rows: string[]
    try {
      writeFileSync(join(folder, 'a.pcapng'), fileOf(list, wrapping))
      rows = execFileSync(
        'tshark',
        ['-r', join(folder, 'a.pcapng'), '-d', 'udp.port==8472,vxlan', '-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=;', ...compared.flatMap((field) => ['-e', field])],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      ).split('\n') // prettier-ignore
    } finally {
      rmSync(folder, { recursive: true })
    }
    let found = 0
    for (const [index, frame] of list.entries()) {
      const { layers } = dissect(wrapping.wrap(frame.bytes), { linkType: wrapping.linkType })
      const ours = new Map<string, string[]>()
      for (const { key, value } of allFields(layers))
        if (key !== undefined && value !== undefined) ours.set(key, [...(ours.get(key) ?? []), String(value)])
      const row = rows[index]!.split('\t')
      for (const [column, key] of compared.entries()) {
        const theirs = row[column]!.split(';').filter(Boolean)
        if (theirs.length === 0 && !key.startsWith('dhcp') && !key.startsWith('tftp')) continue
        found++
        const values = ours.get(key) ?? []
        // The outer tags of type 88a8 have names of their own there.
        const tail = key.startsWith('vlan.') ? values.slice(-theirs.length) : values
        expect(tail, `frame ${index + 1} ${key}`).toEqual(theirs)
      }
    }
    expect(found).toBeGreaterThan(100)
  })
})

test('every name of a field of these layers is one that filters know', () => {
  const [frame] = framesOf('full-bios-ipxe.pcap')
  const seen = new Set<string>()
  for (const { wrap, linkType } of all)
    for (const { key } of allFields(dissect(wrap(frame!.bytes), { linkType }).layers))
      if (key?.includes('.')) seen.add(key)
  expect([...seen].filter((key) => !fieldKeys.has(key) && key !== 'capwap.data')).toEqual([])
})

test('garbage never loops, throws or leads outside the frame', () => {
  const frames = framesOf('full-bios-ipxe.pcap').slice(0, 12)
  const damaged = fc
    .tuple(fc.constantFrom(...all), fc.constantFrom(...frames), fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 8 }), fc.nat(700))
    .map(([{ wrap, linkType }, frame, changes, length]) => {
      const bytes = new Uint8Array(wrap(frame.bytes)).subarray(0, length)
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      return { bytes, linkType }
    }) // prettier-ignore
  const random = fc.record({
    bytes: fc.uint8Array({ maxLength: 200 }),
    linkType: fc.constantFrom(...Object.values(linkTypes), 195, 9999),
  })
  const headers = new FrameHeaders()
  const walk = new LayerWalk()
  fc.assert(
    fc.property(fc.oneof(random, damaged), ({ bytes, linkType }) => {
      walk.begin(linkType)
      let steps = 0
      let at = 0
      while (walk.step(bytes)) {
        expect(walk.at).toBeGreaterThanOrEqual(at)
        expect(walk.at + walk.size).toBeLessThanOrEqual(bytes.length)
        at = walk.at
        steps++
      }
      expect(steps).toBeLessThan(30)
      headers.read(bytes, linkType)
      expect(headers.payloadAt).toBeLessThanOrEqual(bytes.length)
      expect(headers.payloadEnd).toBeLessThanOrEqual(bytes.length)
      const { layers } = dissect(bytes, { linkType })
      for (const field of allFields(layers)) expect(field.at + field.length).toBeLessThanOrEqual(bytes.length)
    }),
    { numRuns: 6000 },
  )
})

test('plain frames are read as the walk reads them', () => {
  const plain = new FrameHeaders()
  const walked = new FrameHeaders()
  const bytesOfFrame = fc
    .tuple(fc.constantFrom(...captureNames.slice(0, 12).flatMap((name) => framesOf(name).slice(0, 20))), fc.array(fc.tuple(fc.integer({ min: 12, max: 60 }), fc.nat(255)), { maxLength: 2 }), fc.integer({ min: 14, max: 200 }))
    .map(([frame, changes, length]) => {
      const bytes = new Uint8Array(frame.bytes.subarray(0, length))
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      return bytes
    }) // prettier-ignore
  fc.assert(
    fc.property(bytesOfFrame, (bytes) => {
      plain.read(bytes, linkTypes.ethernet)
      // A tag in front takes the other way.
      const tagged = new Uint8Array(bytes.length + 4)
      tagged.set(bytes.subarray(0, 12))
      tagged.set([0x81, 0, 0, 5], 12)
      tagged.set(bytes.subarray(12), 16)
      walked.read(tagged, linkTypes.ethernet)
      for (const key of ['ipAt', 'ip6At', 'ipEnd', 'payloadAt', 'payloadEnd', 'declaredEnd'] as const)
        if (walked[key] >= 0) walked[key] -= 4
      if (walked.vlan === 5) walked.vlan = -1
      if (walked.innermost === layerKinds.vlan) walked.innermost = plain.innermost
      expect(plain).toEqual(walked)
    }),
    { numRuns: 4000 },
  )
})

test('a datagram on the port of a tunnel that is none stays what it is', () => {
  const walk = new LayerWalk()
  const [frame] = framesOf('full-bios-ipxe.pcap').slice(-1)
  for (const port of [4789, 8472, 4790, 6081, 5247, 37_008]) {
    const bytes = new Uint8Array(frame!.bytes)
    new DataView(bytes.buffer).setUint16(36, port)
    // TFTP DATA and ACK of every block number.
    for (const opcode of [3, 4, 6])
      for (let block = 0; block < 65_536; block += 257) {
        bytes.set([0, opcode, block >>> 8, block & 255], 42)
        walk.begin(linkTypes.ethernet)
        while (walk.step(bytes));
        expect(walk.kind).toBe(layerKinds.udp)
      }
  }
})
