/** One boot from something else: by the machines that answer, by the rule of when it is used up, and in the order of groups. */
import { beforeEach, describe, expect, test } from 'vitest'
import { GroupRun, type SeenBoot } from '#shared/lab/group-run.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { bootConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { bootAnswerFor, offerVendorOptions, type BootPhase } from '#shared/machines/boot-answer.ts'
import { identityOf } from '#shared/machines/client-identity.ts'
import { NextBoots, sameBootMs } from '#shared/machines/next-boots.ts'
import { formatHex } from '#shared/wire/bytes.ts'
import { ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'

const mac = '52:54:00:77:00:01'
const lab = (more: Partial<LabInput> = {}) =>
  labSchema.parse({
    interface: 'eth0',
    boot: {
      programs: [
        { userClass: 'iPXE', file: 'menu-{hostname}.ipxe' },
        { architecture: 'bios', file: 'undionly.kpxe' },
        { file: 'ipxe.efi' },
      ],
    },
    ...more,
  })

let now: number
let boots: NextBoots
beforeEach(() => {
  now = 1_000_000
  boots = new NextBoots([], () => now)
})
const answer = (one: Omit<ClientRequest, 'type'>, phase: BootPhase = 'begins', of = lab(), hostName?: string) => {
  const client = {
    ...identityOf(request({ type: phase === 'begins' ? 'discover' : 'request', mac, ...one })),
    hostName,
  }
  const known = { told: () => ({}), nextBoot: (who: typeof client, at: BootPhase) => boots.choose(who, at) }
  return bootAnswerFor(client, bootConfigurationOf(of, known), ip('192.168.77.1'), { link: ip('192.168.77.1'), relay: 0, circuitId: undefined, remoteId: undefined }, { phase }) // prettier-ignore
}
const ipxe = { ...pxe(0), userClass: 'iPXE' }

describe('the next boot', () => {
  test('is used up by the boot that loads it, not by one that asks', () => {
    boots.set(mac, { kind: 'file', file: 'tools/memtest.efi' })
    for (const phase of ['begins', 'begins', 'goes-on'] as const)
      expect(answer(pxe(7), phase)).toMatchObject({
        file: 'tools/memtest.efi',
        menu: undefined,
        choice: { isOnce: true },
      })
    expect(answer({ ...pxe(7), mac: '52:54:00:77:00:02' }).file).toBe('ipxe.efi')
    expect(boots.loaded(mac, 'ipxe.efi', false)).toBeUndefined()
    expect(boots.loaded(mac, 'Tools/MEMTEST.efi', false)).toMatchObject({ mac })
    // It broke off: the same boot asks again.
    expect(answer(pxe(7)).file).toBe('tools/memtest.efi')
    boots.loaded(mac, 'tools/memtest.efi', true)
    expect(answer(pxe(7)).file).toBe('ipxe.efi')
    expect(boots.list()).toEqual([])
  })

  test('is over some minutes after it began, and survives until then', () => {
    boots.set(mac, { kind: 'file', file: 'x.efi' })
    boots.loaded(mac, 'x.efi', false)
    now += sameBootMs
    boots = new NextBoots(boots.list(), () => now)
    expect(answer(pxe(7)).file).toBe('x.efi')
    now += 1
    expect(answer(pxe(7)).file).toBe('ipxe.efi')
    expect(boots.takeChanged()).toBe(true)
  })

  test('offer and acknowledgement of one boot agree, whatever is chosen in between', () => {
    boots.set(mac, { kind: 'file', file: 'x.efi' })
    expect(answer(pxe(7)).file).toBe('x.efi')
    expect(boots.undo(mac)).toBe(true)
    expect(answer(pxe(7), 'goes-on').file).toBe('x.efi')
    expect(answer(pxe(7)).file).toBe('ipxe.efi')
    boots.set(mac, { kind: 'file', file: 'y.efi' })
    expect(answer(pxe(7), 'goes-on').file).toBe('ipxe.efi')
  })

  test('a script waits for iPXE, and iPXE is not loaded by iPXE', () => {
    boots.set(mac, { kind: 'file', file: 'install-{mac:hex}.ipxe' })
    expect(answer(pxe(0)).file).toBe('undionly.kpxe')
    expect(answer(ipxe).file).toBe('install-525400770001.ipxe')
    boots.told(mac, 'install-525400770001.ipxe')
    expect(boots.loaded(mac, 'install-525400770001.ipxe', true)).toBeDefined()
    boots.set(mac, { kind: 'file', file: 'snponly.efi' })
    expect(answer({ ...pxe(7), userClass: 'iPXE' }).choice.reason).toContain('rule 1')
  })

  test('the local disk is a menu of type 0 for firmware, and nothing for iPXE and HTTP boot', () => {
    boots.set(mac, { kind: 'local-disk' })
    for (const architecture of [0, 7]) {
      const shown = answer(pxe(architecture))
      expect(shown).toMatchObject({ file: '', menu: { timeoutSeconds: 0, items: [{ type: 0 }] } })
      // PXE 2.1 section 2.4: discovery control, no boot server, prompt of 0 seconds, menu with item 0.
      expect(formatHex(offerVendorOptions(shown, 1))).toMatch(
        /^0601030a0b004c6f63616c206469736b090d00000a4c6f63616c206469736bff$/,
      )
    }
    expect(answer(ipxe)).toMatchObject({ file: '', menu: undefined })
    expect(answer({ ...pxe(16), vendorClass: 'HTTPClient:Arch:00016' })).toMatchObject({ file: '', menu: undefined })
    boots.wentToLocalDisk(mac)
    expect(answer(pxe(7)).menu).toBeDefined()
    now += 31_000
    expect(answer(pxe(7)).file).toBe('ipxe.efi')
  })
})

test('what a machine has in its entry stands before the rules, and a name without its value is no file', () => {
  const own = lab({ machines: [{ mac, hostname: 'node1', boot: 'own/{hostname}.efi' }] })
  expect(answer(pxe(7), 'begins', own)).toMatchObject({ file: 'own/node1.efi', choice: { reason: 'machines[0]' } })
  expect(answer({ ...pxe(7), mac: '52:54:00:77:00:09' }, 'begins', own).file).toBe('ipxe.efi')
  expect(answer(ipxe, 'begins', lab({ machines: [{ mac, hostname: 'node1' }] })).file).toBe('menu-node1.ipxe')
  expect(answer(ipxe)).toMatchObject({ file: '', choice: { reason: expect.stringMatching(/^rule 1: .*, but \{hostname\} has no value/) } }) // prettier-ignore
  // What the machine calls itself is a name, or nothing.
  expect(answer(ipxe, 'begins', lab(), 'pc7').file).toBe('menu-pc7.ipxe')
  expect(answer(ipxe, 'begins', lab(), '../../etc/passwd').file).toBe('')
})

describe('groups', () => {
  const macs = [1, 2, 3, 4].map((n) => `52:54:00:00:00:0${n}`)
  const groups = labSchema.parse({
    interface: 'eth0',
    machines: [{ mac: macs[0], hostname: 'Server' }],
    groups: [
      { name: 'desks', machines: macs.slice(1), after: 'servers', atOnce: 2, waitMinutes: 1 },
      { name: 'servers', machines: ['server'] },
    ],
  })
  const seen = new Map<string, SeenBoot>()
  const boots = (which: string, outcome: string): void => void seen.set(which, { startedAt: now, lastAt: now, outcome, headline: `it ${outcome}` }) // prettier-ignore
  const steps = (run: GroupRun): string => run.machines.map(({ step }) => step).join(' ')
  const step = (run: GroupRun): readonly string[] => run.step(now, (one) => seen.get(one))
  beforeEach(() => seen.clear())

  test('boot behind the group they wait for, so many at once', () => {
    const run = GroupRun.of(groups, 'desks')!
    // A boot of yesterday is none of now.
    boots(macs[0]!, 'started')
    now += 10_000
    expect(step(run)).toEqual([macs[0]])
    expect(steps(run)).toBe('asked waiting waiting waiting')
    boots(macs[0]!, 'unknown')
    expect(step(run)).toEqual([])
    expect(steps(run)).toBe('booting waiting waiting waiting')
    boots(macs[0]!, 'started')
    expect(step(run)).toEqual([macs[1], macs[2]])
    boots(macs[1]!, 'failed')
    expect(step(run)).toEqual([macs[3]])
    boots(macs[2]!, 'address')
    now += 59_000
    step(run)
    expect(steps(run)).toBe('booted failed booted asked')
    now += 2000
    step(run)
    expect(run.isOver).toBe(true)
    expect(run.machines[3]).toMatchObject({ step: 'failed', detail: expect.stringContaining('sent nothing for 1 min') })
  })

  test('are left out where that group did not boot, and end when they are cancelled', () => {
    const run = GroupRun.of(groups, 'desks')!
    step(run)
    boots(macs[0]!, 'failed')
    step(run)
    expect(run.isOver).toBe(true)
    expect(run.machines[1]).toMatchObject({ step: 'left-out', detail: 'Server of servers did not boot' })
    const other = GroupRun.of(groups, 'servers')!
    expect(steps(other)).toBe('waiting')
    other.cancel()
    expect([step(other), other.isOver, steps(other)]).toEqual([[], true, 'left-out'])
    expect(GroupRun.of(groups, 'none')).toBeUndefined()
  })
})
