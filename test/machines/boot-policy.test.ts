import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseProgram, shadowOf, type BootProgramRule } from '#shared/machines/boot-policy.ts'
import { identityOf, leaseKeyOf, refusalOf } from '#shared/machines/client-identity.ts'
import { whereaboutsOf } from '#shared/machines/whereabouts.ts'
import { ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'

const rules: readonly BootProgramRule[] = [
  { userClass: 'iPXE', file: 'menu.ipxe' },
  { mac: '52:54:00:aa', file: 'special.efi' },
  { uuid: '6C616221-0000-4000-8000-525400770003', architecture: 'arm64-uefi', file: 'by-uuid.efi' },
  { architecture: 'bios', file: 'undionly.kpxe' },
  { architecture: 'x86-uefi', file: 'grubia32.efi' },
  { architecture: 'x64-uefi', file: 'grubx64.efi' },
  { architecture: 22, file: 'boot.scr.uimg' },
  { vendorClass: 'HTTPClient', file: 'http://server/x.efi' },
]
const choose = (one: Omit<ClientRequest, 'type'>, list = rules) =>
  chooseProgram(
    list,
    identityOf(request({ type: 'discover', ...one })),
    whereaboutsOf(request({ type: 'discover', ...one }), ip('192.168.77.1')),
  )

describe('the boot program', () => {
  test.each([
    [pxe(0), 'undionly.kpxe', 'rule 4: architecture BIOS'],
    [pxe(6), 'grubia32.efi', 'rule 5: architecture UEFI x86'],
    [pxe(7), 'grubx64.efi', 'rule 6: architecture UEFI x64'],
    // Old firmware announces x64 as 9.
    [pxe(9), 'grubx64.efi', 'rule 6: architecture UEFI x64 or EBC'],
    [{ ...pxe(0), userClass: 'iPXE' }, 'menu.ipxe', 'rule 1: user class "iPXE"'],
    [{ ...pxe(7), mac: '52:54:00:aa:00:09' }, 'special.efi', 'rule 2: hardware address 52:54:00:aa'],
    [pxe(11), 'by-uuid.efi', 'rule 3: architecture UEFI ARM64 and machine 6C616221-0000-4000-8000-525400770003'],
    [{ architecture: 22 }, 'boot.scr.uimg', 'rule 7: architecture U-Boot ARM64'],
    [{ vendorClass: 'HTTPClient:Arch:00016:UNDI:003000' }, 'http://server/x.efi', 'rule 8: vendor class "HTTPClient"'],
  ] as const)('%j gets %s', (client, file, reason) => {
    expect(choose(client)).toMatchObject({ file, reason })
  })

  test('nobody gets a program that no rule gives him, and is told so', () => {
    expect(choose(pxe(27))).toEqual({
      file: undefined,
      rule: undefined,
      reason: 'no rule of boot.programs matches UEFI RISC-V 64',
    })
    expect(choose({}).reason).toContain('a client without architecture')
  })

  test('iPXE is never handed iPXE: that would loop for ever', () => {
    const looping: BootProgramRule[] = [{ architecture: 'bios', file: 'ipxe/undionly.kpxe' }]
    expect(choose(pxe(0), looping).file).toBe('ipxe/undionly.kpxe')
    expect(choose({ ...pxe(0), userClass: 'iPXE' }, looping)).toMatchObject({
      file: undefined,
      reason: expect.stringContaining('iPXE is asking already'),
    })
    // A ROM that is iPXE itself still gets any other program of its architecture.
    expect(choose({ ...pxe(0), userClass: 'iPXE' }, [{ architecture: 'bios', file: 'grub/core.0' }]).file).toBe(
      'grub/core.0',
    )
  })
})

describe('who a client is', () => {
  test('an option 61 that repeats the hardware address is that address', () => {
    const plain = request({ type: 'discover' })
    expect(leaseKeyOf(request({ type: 'discover', clientId: '01525400770001' }))).toBe(leaseKeyOf(plain))
    expect(leaseKeyOf(request({ type: 'discover', clientId: 'ff00112233' }))).not.toBe(leaseKeyOf(plain))
  })

  test('deny goes before allow, and prefixes count', () => {
    expect(refusalOf({ allow: [], deny: [] }, '52:54:00:77:00:01')).toBeUndefined()
    expect(refusalOf({ allow: ['52:54:00'], deny: [] }, '52:54:00:77:00:01')).toBeUndefined()
    expect(refusalOf({ allow: ['52:54:01'], deny: [] }, '52:54:00:77:00:01')).toContain('not on the allow list')
    expect(refusalOf({ allow: ['52:54:00'], deny: ['52-54-00-77-00-01'] }, '52:54:00:77:00:01')).toContain('deny list')
  })
})

test('no client gets a rule that is said never to apply', () => {
  const maybe = <T>(...values: T[]): fc.Arbitrary<T | undefined> =>
    fc.option(fc.constantFrom(...values), { nil: undefined, freq: 1 })
  const rule = fc
    .record({
      architecture: maybe<BootProgramRule['architecture']>('bios', 'x64-uefi', 9, [7, 0]),
      vendorClass: maybe('PXEClient', 'PXEClient:Arch:00007', 'U-Boot'),
      userClass: maybe('iPXE', 'other'),
      mac: maybe('52:54', '52:54:00:00:00:01'),
      circuitId: maybe('rack1', 'rack2'),
      file: fc.constantFrom('undionly.kpxe', 'a.efi'),
    })
    .map(
      (one) =>
        Object.fromEntries(
          Object.entries(one).filter(([, value]) => value !== undefined),
        ) as unknown as BootProgramRule,
    )
  const client = fc.record({
    architecture: fc.constantFrom(0, 7, 9),
    userClass: fc.constantFrom(undefined, 'iPXE', 'other'),
    mac: fc.constantFrom('52:54:00:00:00:01', '52:54:00:00:00:02', '02:00:00:00:00:01'),
    circuit: fc.constantFrom('rack1', 'rack2', ''),
  })
  let shadowed = 0
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 2, maxLength: 6 }),
      client,
      (some, { architecture, userClass, mac, circuit }) => {
        const message = request({
          type: 'discover',
          mac,
          ...pxe(architecture),
          ...(userClass === undefined ? {} : { userClass }),
        })
        const where = {
          ...whereaboutsOf(message, ip('10.0.0.1')),
          circuitId: circuit === '' ? undefined : Buffer.from(circuit),
        }
        const { rule: chosen } = chooseProgram(some, identityOf(message), where)
        if (some.some((_, index) => shadowOf(some, index) !== undefined)) shadowed++
        expect(chosen === undefined ? undefined : shadowOf(some, chosen)).toBeUndefined()
      },
    ),
    { numRuns: 3000 },
  )
  expect(shadowed).toBeGreaterThan(100)
})
