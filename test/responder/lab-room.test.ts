/** The lab file that is open: what it says is there when a call returns, and what is wrong is refused with nothing applied. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LabState } from '#shared/contract/calls.ts'
import { LabRoom } from '../../src/main/backend/lab-room.ts'

let root: string
let room: LabRoom
let states: LabState[]
let told: string[]
const at = (name: string): string => join(root, name)
const text = (more = '') => `# kept\ninterface: 10.0.0.1\nmode: dhcp\nstate: ./state\n${more}`
const subnets = `dhcp:
  subnets:
    - subnet: 10.0.0.0/24
      pools: [{ start: 10.0.0.10, end: 10.0.0.20 }]
    - subnet: 10.0.1.0/24
      reservations: [{ mac: 52-54-00-00-00-01, address: 10.0.1.5 }, { uuid: 4c4c4544-0042-3510-8051-b4c04f4d3132, address: 10.0.1.6 }]
`
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-room-'))
  mkdirSync(at('boot'))
  writeFileSync(at('lab.yaml'), text(subnets))
  states = []
  told = []
  room = new LabRoom({ path: at('lab.yaml'), tell: (event) => told.push(event.type === 'warning' ? event.message : event.type), onChange: (state) => states.push(state), mayMoveState: () => true }) // prettier-ignore
  await room.open()
})
afterEach(() => {
  room.close()
  rmSync(root, { recursive: true, force: true })
})

test('is read when it is open, and so is another one', async () => {
  expect([room.text, room.lab?.mode, room.stateFolder]).toEqual([text(subnets), 'dhcp', at('state')])
  mkdirSync(at('other'))
  writeFileSync(at('other/lab.yaml'), 'interface: eth0\nstate: ./elsewhere\n')
  expect(await room.openOther(at('other/lab.yaml'))).toMatchObject({ path: at('other/lab.yaml'), exists: true, lab: { mode: 'listen' } }) // prettier-ignore
  expect([room.text, room.stateFolder]).toEqual(['interface: eth0\nstate: ./elsewhere\n', at('other/elsewhere')])
  expect(await room.openOther(at('none.yaml'))).toMatchObject({ exists: false, lab: null, problems: [], text: '' })
  expect(() => room.require()).toThrow('there is no lab yet')
})

test('is what was written, at once, and asks for a restart where the responder runs with another', async () => {
  room.setRunning(text(subnets))
  expect(states.at(-1)).toMatchObject({ needsRestart: false })
  const count = states.length
  room.setRunning(text(subnets))
  expect(states).toHaveLength(count)
  expect(await room.write('interface: eth9\n')).toMatchObject({ lab: { interface: 'eth9' }, needsRestart: true })
  room.setRunning(undefined)
  expect(states.at(-1)).toMatchObject({ needsRestart: false })
})

test('a change that makes it wrong is refused whole; a broken file may be mended a value at a time', async () => {
  await expect(room.change([{ path: ['mode'], value: 'proxy-dhcp' }, { path: ['tftp', 'maxWindowSize'], value: 0 }])).rejects.toMatchObject({ message: expect.stringMatching(/^tftp\.maxWindowSize .*\(it is 0\)$/), remedy: expect.stringMatching(/./) }) // prettier-ignore
  expect([room.lab?.mode, readFileSync(at('lab.yaml'), 'utf8')]).toEqual(['dhcp', text(subnets)])
  expect(await room.change([{ path: ['mode'], value: 'listen' }])).toMatchObject({
    lab: { mode: 'listen' },
    problems: [],
  })
  expect(readFileSync(at('lab.yaml'), 'utf8')).toMatch(/^# kept\ninterface: 10\.0\.0\.1\nmode: listen\n/)
  await room.write('interface: eth0\nmode: router\ntftp: { maxWindowSize: 0 }\n')
  expect(() => room.require()).toThrow(/^line 2: mode is none of/)
  expect(await room.change([{ path: ['mode'], value: 'listen' }])).toMatchObject({ lab: null, problems: [{ field: 'tftp.maxWindowSize' }] }) // prettier-ignore
})

describe('a reservation', () => {
  const reserved = async (mac: string, address: string, hostname?: string): Promise<unknown> => {
    const { lab } = await room.reserve(mac, address, hostname)
    return lab?.dhcp.subnets.map((subnet) => subnet.reservations.map((one) => [one.mac ?? one.uuid, one.address, one.hostname].filter(Boolean).join(' '))) // prettier-ignore
  }
  const uuid = '4c4c4544-0042-3510-8051-b4c04f4d3132 10.0.1.6'

  test('goes to the subnet of its address; that of a machine which has one moves', async () => {
    const before = ['52-54-00-00-00-01 10.0.1.5', uuid]
    expect(await reserved('5254.0000.0002', '10.0.0.9', 'pc2')).toEqual([['52:54:00:00:00:02 10.0.0.9 pc2'], before])
    expect(await reserved('52:54:00:00:00:03', '10.0.1.7')).toEqual([['52:54:00:00:00:02 10.0.0.9 pc2'], [...before, '52:54:00:00:00:03 10.0.1.7']]) // prettier-ignore
    expect(await reserved('52:54:00:00:00:01', '10.0.1.8')).toEqual([['52:54:00:00:00:02 10.0.0.9 pc2'], ['52-54-00-00-00-01 10.0.1.8', uuid, '52:54:00:00:00:03 10.0.1.7']]) // prettier-ignore
    // The same once more is no contradiction, and the file keeps how each is written.
    expect(await reserved('52-54-00-00-00-02', '10.0.0.9')).toMatchObject([['52:54:00:00:00:02 10.0.0.9 pc2'], {}])
  })

  test.each([
    ['nonsense', '10.0.0.9', '"nonsense" is not a MAC address'],
    ['52:54:00:00:00:02', '10.9.0.9', '10.9.0.9 is not in a subnet of the lab'],
    ['52:54:00:00:00:02', '10.0.1.5', '10.0.1.5 is reserved for 52-54-00-00-00-01'],
    ['52:54:00:00:00:02', '10.0.1.6', '10.0.1.6 is reserved for 4c4c4544-0042-3510-8051-b4c04f4d3132'],
  ])('of %s at %s is refused: %s', async (mac, address, message) => {
    await expect(room.reserve(mac, address, undefined)).rejects.toMatchObject({
      message,
      remedy: expect.stringMatching(/./),
    })
    expect(readFileSync(at('lab.yaml'), 'utf8')).toBe(text(subnets))
  })
})

test('a folder in its place is told once, written to by nobody, and what comes back is read', async () => {
  rmSync(at('lab.yaml'))
  mkdirSync(at('lab.yaml'))
  await room.load()
  await room.load()
  expect(room.state).toMatchObject({
    exists: true,
    lab: null,
    problems: [{ message: 'is a folder' }],
    needsRestart: false,
  })
  expect(told.filter((one) => one.includes('is a folder'))).toHaveLength(1)
  await expect(room.write('interface: eth0\n')).rejects.toThrow(/is a folder/)
  await expect(room.change([])).rejects.toThrow(/is a folder/)
  // Its state stays where it was: a file that cannot be read names no other.
  expect(room.stateFolder).toBe(at('state'))
  rmSync(at('lab.yaml'), { recursive: true })
  writeFileSync(at('lab.yaml'), text())
  await room.load()
  expect(room.state).toMatchObject({ text: text(), problems: [expect.anything()] })
})
