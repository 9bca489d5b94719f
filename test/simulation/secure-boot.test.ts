import { say } from '#messages/message.ts'
/** Screens of the simulated shim, held against those of Debian's shim 16.1 under OVMF 2022.11 (recorded 2026-11-26). */
import { inEnglish } from '#messages/text.ts'
import { expect, test } from 'vitest'
import { checkBoot, namedFiles, type BootFolderView, type FolderFile } from '#shared/lab/boot-check.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { programKindByName, secondStageByName } from '#shared/machines/pxe-client/program-image.ts'
import { changeScenario } from '#shared/simulation/changes.ts'
import { scenarioOfLab } from '#shared/simulation/lab-scenario.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { scenarioFrom, simulated } from '../helpers/simulate.ts'

/** What is shown from the boot manager on, without the places of devices. */
function screenOf(
  name: string,
  client: string,
  ...changes: readonly { readonly path: string; readonly value: unknown }[]
): string[] {
  const scenario = scenarioFrom(new URL(`../../resources/scenarios/${name}.yaml`, import.meta.url))
  const checked = changeScenario(scenario, [...changes])
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  const lines = simulated(checked.scenario).screens().get(client)!
  const from = lines.findIndex((line) => line.startsWith('BdsDxe: loading'))
  return lines.slice(from + 1).map((line) => line.replace(/ "UEFI.*: /, ' ... ').trim()).filter((line) => line !== '') // prettier-ignore
}

const starting = expect.stringMatching(/^BdsDxe: starting Boot0001/) as string
const fetching = (name: string): string => `Fetching Netboot Image ${name}`
const notThere = ['Unknown TFTP error, treating as file not found', 'Unable to fetch TFTP image: Not Found']
const refused = ['ERROR', 'Verification failed: (0x1A) Security Violation', '[ OK ]', 'Failed to load image: Security Policy Violation'] // prettier-ignore
const mokManager = {
  path: 'hosts.boot1.files["mmx64.efi"]',
  value: { program: 'plain', architecture: 'x64-uefi', signedBy: ['Debian'], sbat: { shim: 4 } },
}

test.each([
  ['a program that is not signed', screenOf('secure-boot', 'secure-pc'), [
    'BdsDxe: failed to load Boot0001 ... Access Denied',
  ]],
  ['a program of 2023 on a machine of 2011', screenOf('secure-boot-of-2023', 'old-pc'), [
    'BdsDxe: failed to load Boot0001 ... Access Denied',
  ]],
  ['a shim that is revoked', screenOf('shim-revoked', 'secure-pc'), [
    starting,
    'Verifying shim SBAT data failed: Security Policy Violation',
    'Something has gone seriously wrong: SBAT self-check failed: Security Policy Violation',
  ]],
  ['no second stage', screenOf('shim-without-second-stage', 'secure-pc'), [
    starting,
    fetching('debian/grubx64.efi'), ...notThere, 'start_image() returned Not Found, falling back to default loader',
    fetching('debian/grubx64.efi'), ...notThere, 'start_image() returned Not Found',
    'BdsDxe: failed to start Boot0001 ... Not Found',
  ]],
  ['a second stage with an own key', screenOf('missing-mok', 'new-pc'), [
    starting,
    fetching('grubx64.efi'), ...refused,
    fetching('mmx64.efi'), ...notThere, 'start_image() returned Not Found',
    'BdsDxe: failed to start Boot0001 ... Not Found',
  ]],
  ['the same with MokManager', screenOf('missing-mok', 'new-pc', mokManager), [
    starting,
    fetching('grubx64.efi'), ...refused, fetching('mmx64.efi'),
    'Perform MOK management', 'Continue boot', 'Enroll key from disk', 'Enroll hash from disk',
    fetching('grubx64.efi'), ...refused, 'start_image() returned Security Policy Violation',
    'BdsDxe: failed to start Boot0001 ... Security Policy Violation',
  ]],
])('%s', (_, shown, expected) => expect(shown.slice(0, expected.length)).toEqual(expected)) // prettier-ignore

test('a GRUB that is revoked is refused as one with an unknown key is', () => {
  const trust = { path: 'clients.enrolled-pc.trust', value: { mok: ['Own key'], sbat: { grub: 6 } } }
  expect(screenOf('missing-mok', 'enrolled-pc', trust)).toContain('Verification failed: (0x1A) Security Violation')
})

test('one revoked signature is enough for firmware', () => {
  const trust = { path: 'clients.new-pc.trust', value: { db: ['uefi-2023'], dbx: ['uefi-2011'] } }
  expect(screenOf('secure-boot-of-2023', 'new-pc', trust)).toContainEqual(starting)
  const both = [{ path: 'hosts.boot1.services.DHCPServer.options["67"]', value: 'shim-both.efi' }, trust]
  const scenario = scenarioFrom(new URL('../../resources/scenarios/secure-boot-of-2023.yaml', import.meta.url))
  const checked = changeScenario(scenario, both)
  expect(
    checked.ok &&
      simulated(checked.scenario)
        .outcomes()
        .find((one) => one.name === 'new-pc'),
  ).toMatchObject({
    state: 'failed',
    because: expect.stringMatching(/UEFI CA 2011, which is revoked/),
  })
})

// The line of Debian's GRUB 2.06, held by test/firmware/secure-boot.test.ts.
test.each([
  ['nobody signed', { signed: false }, true],
  ['another key signed', { signedBy: ['Other'] }, true],
  ['the key within shim signed', { signedBy: ['Debian'] }, false],
  ['the owner enrolled', { signedBy: ['Own key'] }, false],
  ['nobody described', undefined, false],
])('GRUB asks shim about a kernel that %s', (_, signer, isRefused) => {
  const kernel = signer ? { program: 'plain', architecture: 'x64-uefi', ...signer } : { size: 9_000_000 }
  const screen = screenOf(
    'missing-mok',
    'enrolled-pc',
    { path: 'hosts.boot1.files["grubx64.efi"].loads', value: ['vmlinuz'] },
    { path: 'hosts.boot1.files.vmlinuz', value: kernel },
  )
  expect(screen).toContain('GRUB runs')
  expect(screen.includes('error: bad shim signature.')).toBe(isRefused)
})

test('a shim of a lab loads the second stage that lies beside it, by its name', () => {
  const lab = labSchema.parse({
    interface: 'eth0',
    mode: 'dhcp',
    dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.109' }] }] },
    boot: { programs: [{ architecture: 'x64-uefi', file: 'a/shimx64.efi' }] },
  })
  const head = peProgram(0x8664, 4000)
  const there = (name: string): FolderFile => ({ ok: true, name, size: 4000, head })
  const view = (second: FolderFile): BootFolderView => ({
    exists: true,
    files: new Map([
      ['a/shimx64.efi', there('a/shimx64.efi')],
      ['a/grubx64.efi', second],
    ]),
  })
  expect(namedFiles(lab)).toEqual(['a/shimx64.efi', 'a/grubx64.efi'])
  const outcomeOf = (given?: BootFolderView) => {
    const scenario = scenarioSchema.parse(scenarioOfLab(lab, 'x', given))
    return simulated(scenario).outcomes().find((one) => one.name === 'edk2-pc') // prettier-ignore
  }
  expect(outcomeOf()).toMatchObject({ state: 'booted', because: say('pxe-client.grub-runs', { count: 0 }) })
  expect(outcomeOf(view(there('a/grubx64.efi')))).toMatchObject({ state: 'booted' })
  const without = view({ ok: false, reason: 'there is no such file' })
  expect(outcomeOf(without)).toMatchObject({ state: 'failed', because: expect.stringMatching(/shim found no second stage/) }) // prettier-ignore
  expect(checkBoot(lab, without).find((one) => inEnglish(one.text).startsWith('shim usually loads a/grubx64.efi'))).toMatchObject({ level: 'info' }) // prettier-ignore
})

test.each([
  ['shimx64.efi', 'shim', 'grubx64.efi'],
  ['shimaa64.efi.signed', 'shim', 'grubaa64.efi'],
  ['ipxe-shimx64.efi', 'shim', 'ipxe.efi'],
  ['efi/snponly-shimaa64.efi', 'shim', 'snponly.efi'],
  ['shim.efi', 'shim', 'grubx64.efi'],
  ['ipxe.efi', 'ipxe', undefined],
  ['grubx64.efi', 'grub', undefined],
])('%s is %s', (name, kind, second) => {
  expect(programKindByName(name)).toBe(kind)
  if (second !== undefined) expect(secondStageByName(name)).toBe(second)
})
