import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseProgram, shadowOf, type BootProgramRule } from '#shared/machines/boot-policy.ts'
import { ruleForFile, rulesForFiles, suggestRules, withRule, type ProgramFile } from '#shared/lab/known-programs.ts'

const uefi = (name: string, peMachine = 0x8664): ProgramFile => ({ name, kind: 'uefi', peMachine })

describe('the rule for a file', () => {
  test.each<[ProgramFile, BootProgramRule | undefined]>([
    [
      { name: 'undionly.kpxe', kind: 'bios' },
      { architecture: 'bios', file: 'undionly.kpxe' },
    ],
    [uefi('ipxe.efi'), { architecture: 'x64-uefi', file: 'ipxe.efi' }],
    // Its first bytes count more than its name.
    [uefi('efi/bootx64.efi', 0xaa64), { architecture: 'arm64-uefi', file: 'efi/bootx64.efi' }],
    [uefi('bootia32.efi', 0x14c), { architecture: 'x86-uefi', file: 'bootia32.efi' }],
    [
      { name: 'boot.ipxe', kind: 'script' },
      { userClass: 'iPXE', file: 'boot.ipxe' },
    ],
    [
      { name: 'pi/bootcode.bin', kind: 'bios' },
      { architecture: 'arm-rpiboot', file: 'pi/bootcode.bin' },
    ],
    [
      { name: 'grub/i386-pc/core.0', kind: 'bios' },
      { architecture: 'bios', file: 'grub/i386-pc/core.0' },
    ],
    [{ name: 'readme.txt', kind: 'configuration' }, undefined],
    [{ name: 'boot.wim', kind: 'windows-image' }, undefined],
    [uefi('odd.efi', 0x9999), undefined],
  ])('%o', (file, rule) => expect(ruleForFile(file)).toEqual(rule))
})

const rules: readonly BootProgramRule[] = [
  { mac: '52:54:00', file: 'one.0' },
  { architecture: 'bios', file: 'old.0' },
  { file: 'all.efi' },
]

describe('a rule that is added', () => {
  test('takes the place of the one for the same machines', () => {
    expect(withRule(rules, { architecture: 'bios', file: 'new.0' })[1]).toEqual({ architecture: 'bios', file: 'new.0' })
  })
  test('comes before the one for everybody', () => {
    expect(withRule(rules, { architecture: 'x64-uefi', file: 'x.efi' })[2]).toMatchObject({ file: 'x.efi' })
  })
  test('for iPXE comes first', () => {
    expect(withRule(rules, { userClass: 'iPXE', file: 'm.ipxe' })[0]).toMatchObject({ file: 'm.ipxe' })
  })

  const rule: fc.Arbitrary<BootProgramRule> = fc.record(
    {
      architecture: fc.constantFrom('bios', 'x64-uefi', 'arm64-uefi', 7),
      userClass: fc.constantFrom('iPXE', 'gPXE'),
      mac: fc.constantFrom('52:54:00', '52:54:00:00:00:01'),
      subnet: fc.constantFrom('10.0.0.0/24', '10.0.1.0/24'),
      file: fc.constantFrom('a.0', 'b.efi', 'ipxe.efi'),
    },
    { requiredKeys: ['file'] },
  )
  test('is reached, and every other rule stays in its order, but one for the same machines', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), rule, (before, added) => {
        const after = withRule(before, added)
        const at = after.indexOf(added)
        const others = after.toSpliced(at, 1)
        if (after.length > before.length) {
          expect(others).toEqual(before)
          expect(shadowOf(after, at)).toBeUndefined()
        } else {
          expect(others).toEqual(before.toSpliced(at, 1))
          expect({ ...before[at], file: added.file }).toEqual(added)
        }
      }),
    )
  })
})

describe('suggestions', () => {
  const files: ProgramFile[] = [
    { name: 'undionly.kpxe', kind: 'bios' },
    uefi('ipxe.efi'),
    uefi('shimx64.efi'),
    { name: 'menu.ipxe', kind: 'script' },
    { name: 'readme.txt', kind: 'configuration' },
  ]
  test('for machines that get nothing, the script for iPXE first', () => {
    expect(suggestRules([], files).map(({ rule, architecture }) => [architecture, rule.file])).toEqual([
      [undefined, 'menu.ipxe'],
      ['bios', 'undionly.kpxe'],
      ['x64-uefi', 'ipxe.efi'],
    ])
  })
  test('none for machines that get something', () => {
    expect(suggestRules([{ file: 'all.efi' }], files)).toEqual([])
    expect(suggestRules([{ architecture: 7, file: 'x.efi' }], files).map(({ architecture }) => architecture)).toEqual([undefined, 'bios']) // prettier-ignore
    // One machine is not all of its kind.
    expect(suggestRules([{ architecture: 'bios', mac: '52:54:00:00:00:01', file: 'x.0' }], [files[0]!])).toHaveLength(1)
  })
  test('taken all, every machine whose program is there gets it', () => {
    let all: BootProgramRule[] = []
    for (const { rule } of suggestRules(all, files)) all = withRule(all, rule)
    expect(suggestRules(all, files)).toEqual([])
    const where = { link: 0, relay: 0, circuitId: undefined, remoteId: undefined }
    const client = { mac: '', uuid: undefined, isRaspberryPi: false, vendorClass: 'PXEClient', userClasses: [], isIpxe: false, boot: 'pxe' as const, hostName: undefined } // prettier-ignore
    const get = (architecture: number, isIpxe = false): string | undefined =>
      chooseProgram(all, { ...client, architecture, architectures: [architecture], isIpxe }, where).file
    expect([get(0), get(7), get(7, true)]).toEqual(['undionly.kpxe', 'ipxe.efi', 'menu.ipxe'])
  })
  test('well-known names, wherever they lie, the best of each kind', () => {
    expect(rulesForFiles(['a/GRUBX64.EFI', 'b/shimx64.efi', 'x/pxelinux.0'])).toEqual([
      { architecture: 'bios', file: 'x/pxelinux.0' },
      { architecture: 'x64-uefi', file: 'b/shimx64.efi' },
    ])
  })
})
