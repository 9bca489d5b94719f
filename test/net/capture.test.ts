import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, test, vi } from 'vitest'
import { encodeText } from '#shared/wire/bytes.ts'
import { pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { captureArguments, captureFilter, findCaptureTool } from '../../src/main/observe/capture-tools.ts'
import { CaptureWriter, listCaptures } from '../../src/main/observe/capture-writer.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { framesIn } from '../helpers/fixtures.ts'
import { cli, startResponder } from '../helpers/lab.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'

const captureWith = fileURLToPath(new URL('../helpers/capture-with.ts', import.meta.url))
const { network, folder, here, there } = labWireForEachTest()

beforeEach(() => {
  folder
    .write({ interface: 'srv0', mode: 'dhcp', allowOtherServers: true, dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.99' }] }] } })
    .put('boot.bin', Buffer.alloc(20_000, 7)) // prettier-ignore
})

/** An address, a file, and noise that belongs to no boot. */
async function traffic(): Promise<void> {
  await network.exec(there, 'ping', ['-c', '1', '-W', '1', '10.77.0.1'])
  await network.exec(there, process.execPath, [
    '-e',
    "const s=require('node:dgram').createSocket('udp4');s.send('noise',5353,'10.77.0.1',()=>s.send('name',53,'10.77.0.1',()=>s.close()))",
  ])
  await dhclient(network, there, 'cli0', folder.root)
  // Blocks larger than a packet travel in fragments.
  const loaded = await network.exec(there, 'curl', ['-s', '-o', '/dev/null', '--tftp-blksize', '1400', 'tftp://10.77.0.1/boot.bin'])
  expect(loaded.code).toBe(0)
} // prettier-ignore

describeWith(['root', 'ip', 'dumpcap', 'tcpdump', 'tshark', 'curl', 'dhclient'], 'live capture', () => {
  test.each(['dumpcap', 'tcpdump', 'tshark'] as const)('%s sees the whole boot, and nothing else', async (tool) => {
    await startResponder(network, here, folder)
    const capture = network.start(here, process.execPath, [captureWith, tool, 'srv0'])
    await capture.sees(/capturing/)
    await traffic()
    // Whatever else came was on the wire before the last acknowledgement, and is printed before it.
    await capture.sees(/TFTP \S+ \S+ ACK 15 /)
    expect(await capture.stop('SIGINT')).toBe(0)
    for (const pattern of [/^DHCP 0\.0\.0\.0:68 255\.255\.255\.255:67 DISCOVER/m, /^DHCP 10\.77\.0\.1:67 \S+ ACK 10\.77\.1\.\d+/m, /^TFTP \S+ 10\.77\.0\.1:69 read "boot\.bin"/m, /^TFTP \S+ \S+ DATA 1, 1400 bytes \(1446 of 1446\)/m, /^ARP /m])
      expect(capture.output, tool).toMatch(pattern)
    expect(capture.output).not.toMatch(/echo|:5353|:53 /)
  }) // prettier-ignore

  test('pxe-lab capture prints and writes the same frames, until it is interrupted', async () => {
    await startResponder(network, here, folder)
    const file = join(folder.root, 'written.pcapng')
    const capture = network.start(here, process.execPath, [cli, 'capture', '--interface', 'srv0', '--write', file])
    await capture.sees(/Capturing on srv0 with dumpcap/)
    await traffic()
    await capture.sees(/ACK 15$/m)
    expect(await capture.stop('SIGINT')).toBe(0)
    const printed = capture.output.split('\n').filter((line) => /^ *\d+ {2,}\d+\.\d{6} /.test(line))
    const { stdout, code } = await network.exec(here, 'tshark', ['-r', file, '-T', 'fields', '-e', 'frame.number', '-e', '_ws.col.Protocol'])
    expect(code).toBe(0)
    const read = stdout.trim().split('\n')
    expect(read.length).toBe(printed.length)
    expect(read.filter((line) => line.includes('TFTP')).length).toBe(printed.filter((line) => / TFTP /.test(line)).length)
  }) // prettier-ignore

  test('a capture that may not be, and an interface that is not, are told with a remedy', async () => {
    const unknown = await network.exec(here, process.execPath, [cli, 'capture', '-i', 'nothere'])
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toMatch(/knows no interface nothere.*Choose another interface/)
    const full = await network.exec(here, process.execPath, [cli, 'capture', '-i', 'srv0', '-w', '/dev/full'])
    expect(full.code).toBe(1)
    expect(full.stderr).toMatch(/the capture cannot be written \(ENOSPC\)\. Free some space on that disk\./)
  })
})

test('what is written rotates, and the oldest go', () => {
  const captures = join(folder.root, 'captures')
  const writer = new CaptureWriter(captures, [{ linkType: 1, name: 'eth0' }], { bytes: 3000, files: 3 })
  for (let count = 0; count < 40; count++)
    writer.write({
      interface: 0,
      seconds: 1_700_000_000 + count,
      nanoseconds: 0,
      bytes: new Uint8Array(400).fill(count),
    })
  writer.close()
  const kept = listCaptures(captures)
  expect(kept).toHaveLength(3)
  expect(readdirSync(captures)).toHaveLength(3)
  const frames = kept.flatMap(({ name }) => framesIn(readFileSync(join(captures, name))))
  expect(Math.max(...frames.map((frame) => frame.bytes[0]!))).toBe(39)
  expect(frames.length).toBeLessThan(30)
  expect(listCaptures(join(folder.root, 'none'))).toEqual([])
})

test.skipIf(process.platform === 'win32')('a file that is deleted while it is written is followed by another', () => {
  const captures = join(folder.root, 'captures')
  const now = vi.spyOn(performance, 'now')
  const writer = new CaptureWriter(captures, [{ linkType: 1, name: 'eth0' }])
  const write = (second: number): void => {
    now.mockReturnValue(second * 1000)
    writer.write({
      interface: 0,
      seconds: 1_700_000_000 + second,
      nanoseconds: 0,
      bytes: new Uint8Array(60).fill(second),
    })
  }
  write(1)
  rmSync(captures, { recursive: true })
  write(3)
  write(4)
  writer.close()
  now.mockRestore()
  const [kept] = listCaptures(captures)
  expect(framesIn(readFileSync(join(captures, kept!.name))).map((frame) => frame.bytes[0])).toEqual([3, 4])
})

test('the tool is the best one there is, and each is told what it needs', () => {
  const only = (...names: string[]) => (name: string): string | undefined => (names.includes(name) ? `/fixed/${name}` : undefined)
  expect(findCaptureTool('linux', only('dumpcap', 'tcpdump'))?.name).toBe('dumpcap')
  expect(findCaptureTool('linux', only('tcpdump', 'tshark'))?.name).toBe('tcpdump')
  expect(findCaptureTool('linux', only('tshark'))).toMatchObject({ name: 'tshark', path: '/fixed/tshark' })
  expect(findCaptureTool('linux', only())).toBeUndefined()
  expect(findCaptureTool('win32', only('pktmon'))?.name).toBe('pktmon')
  expect(findCaptureTool('win32', only('dumpcap', 'pktmon'))?.name).toBe('dumpcap')
  expect(captureFilter([8080])).toContain('tcp port 8080')
  for (const tool of ['dumpcap', 'tcpdump', 'tshark'] as const) expect(captureArguments(tool, 'eth7', 'f')).toContain('eth7')
}) // prettier-ignore

test('a capture file says which frames come from our own sockets', () => {
  const file = Buffer.concat([
    pcapngHeader('PXE Lab', [{ linkType: 1, name: 'eth0', isSynthesised: true }]),
    pcapngFrame({ interface: 0, seconds: 1, nanoseconds: 0, bytes: encodeText('frame') }),
  ])
  expect(file.toString('latin1')).toContain('headers are synthesised')
  expect(framesIn(file)).toHaveLength(1)
})
