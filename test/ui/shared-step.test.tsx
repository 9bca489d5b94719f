/** A step of the simulator in a link and in a file: it arrives as it was sent, or is refused with a reason. */
import { deflateSync, strToU8 } from 'fflate'
import { afterEach, describe, expect, test } from 'vitest'
import { itemOf, placeOf } from '../../src/renderer/simulator/place.ts'
import {
  fragmentOf,
  sharedScenario,
  stepFile,
  stepOfFile,
  stepOfLink,
  takeShared,
  useShared,
  type SharedStep,
} from '../../src/renderer/simulator/shared-step.ts'

const shared: SharedStep = {
  input: { title: 'Ein Server, zwei Ports – 二つ', seed: 7, hosts: { wds1: { on: { lan: '192.168.77.2' } } } },
  changes: [
    { path: 'hosts.wds1.services.WDSServer.useDhcpPorts', value: false },
    { path: 'seed', value: 9 },
  ],
  client: 'uefi-pc',
  step: 12,
}
const packedOf = (one: SharedStep): string => decodeURIComponent(fragmentOf(one)).replace(/^#\/simulator\/link\?z=/, '')
const packed = (text: string): string =>
  btoa(String.fromCharCode(...deflateSync(strToU8(text))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')

afterEach(() => useShared.setState({ input: undefined }))

test('a link and a file carry scenario, changes, machine and step', () => {
  expect(fragmentOf(shared)).toMatch(/^#\/simulator\/link%3Fz%3D[\w-]+$/)
  expect(stepOfLink(packedOf(shared))).toEqual(shared)
  expect(stepOfFile(stepFile(shared))).toEqual(shared)
})

test('what was taken has an address of its own', () => {
  const place = takeShared(shared)
  expect(place).toMatchObject({ scenario: sharedScenario, client: 'uefi-pc', step: 12, changes: shared.changes })
  expect(placeOf(itemOf(place))).toEqual(JSON.parse(JSON.stringify(place)))
  expect(useShared.getState().input).toEqual(shared.input)
})

describe('what is refused', () => {
  const whole = packedOf({
    ...shared,
    input: { text: Array.from({ length: 500 }, (_, index) => String(index * 7919)) },
  })
  test.each([
    ['nothing', ''],
    ['a link that was cut off', whole.slice(0, -40)],
    ['one letter of it', whole.slice(0, 1)],
    ['no base64', `${whole.slice(0, 20)}%%%`],
    ['no JSON', packed('scenario')],
    ['no object', packed('[]')],
    ['no scenario', packed('{"pxeLabStep":1}')],
    ['no version', packed('{"scenario":{}}')],
    ['changes that are none', packed('{"pxeLabStep":1,"scenario":{},"changes":[1]}')],
    ['changes without end', packed(`{"pxeLabStep":1,"scenario":{},"changes":[${Array(1001).fill('{"path":"seed"}').join()}]}`)], // prettier-ignore
    ['too many levels', packed(`{"pxeLabStep":1,"scenario":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}`)],
  ])('%s', (_, text) => {
    expect(() => stepOfLink(text)).toThrow('This is not a complete link or file of a simulator step')
  })

  test('a scenario of a later version, and one that fills the memory', () => {
    expect(() => stepOfFile('{"pxeLabStep":2,"scenario":{}}')).toThrow(
      'This step comes from a newer version of PXE Lab',
    )
    const bomb = packed(`{"pxeLabStep":1,"scenario":{"a":"${'a'.repeat(20_000_000)}"}}`)
    expect(bomb.length).toBeLessThan(40_000)
    expect(() => stepOfLink(bomb)).toThrow('The scenario in it is larger than 4 MB')
  })
})

test.each([-1, 1.5, 'two', null])('a step that is %j is the first', (step) => {
  expect(stepOfFile(JSON.stringify({ pxeLabStep: 1, scenario: {}, step })).step).toBe(0)
})
