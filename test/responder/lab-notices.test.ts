/** What a lab leaves its clients without: the judgement, and the places that tell it. */
import { inEnglish } from '#messages/text.ts'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { encodeText, parseIpv4 } from '#shared/wire/bytes.ts'
import { writeBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import { describeEvent } from '#shared/contract/events.ts'
import { checkBoot, programState, type BootFolderView, type LabNotice } from '#shared/lab/boot-check.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { everyAuthority, programImage } from '#shared/machines/pxe-client/program-image.ts'
import { Simulation } from '#shared/simulation/simulation.ts'
import { listBootFiles } from '../../src/main/backend/boot-files.ts'
import { followNotices, noticesOf } from '../../src/main/inspect/lab-notices.ts'
import { BootFolder } from '../../src/main/responder/boot-folder.ts'
import { findScenario } from '../../src/main/workspace/scenario-library.ts'
import { arriving, ip, pxe, request } from '../helpers/dhcp.ts'

const image = (machine: number | undefined): Uint8Array =>
  programImage(
    {
      kind: 'plain',
      prints: [],
      loads: [],
      afterwards: [],
      server: undefined,
      asksDhcp: false,
      signatures: everyAuthority,
      sbat: [],
      builtIn: [],
      secondStage: '',
    },
    machine,
  )
const bios = image(undefined)
const x64 = image(0x8664)
const arm64 = image(0xaa64)

const viewOf = (files: Readonly<Record<string, Uint8Array | string>>): BootFolderView => ({
  exists: true,
  files: new Map(
    Object.entries(files).map(([name, content]) => {
      const head = typeof content === 'string' ? encodeText(content) : content
      return [name, { ok: true as const, name, size: head.length, head }]
    }),
  ),
})

const own = [ip('10.66.0.1')]
const net = (more: object = {}): object => ({
  subnet: '10.66.0.0/24',
  pools: [{ start: '10.66.0.100', end: '10.66.0.119' }],
  router: '10.66.0.1',
  ...more,
})
type Boot = NonNullable<LabInput['boot']>
type Programs = NonNullable<Boot['programs']>
const lab = (programs: Programs, more: Partial<LabInput> & { boot?: Boot; nets?: object[] } = {}) => {
  const { nets = [net()], boot, ...rest } = more
  return labSchema.parse({
    interface: 'lo',
    mode: 'dhcp',
    dhcp: { subnets: nets },
    ...rest,
    boot: { ...boot, programs },
  })
}
const told = (notices: readonly LabNotice[], level?: LabNotice['level']): string[] =>
  notices
    .filter((one) => level === undefined || one.level === level)
    .map(({ field, text }) => `${field}: ${inEnglish(text)}`)

const both: Programs = [
  { userClass: 'iPXE', file: 'menu.ipxe' },
  { architecture: 'bios', file: 'undionly.kpxe' },
  { architecture: 'x64-uefi', file: 'ipxe.efi' },
]

describe('Windows PE without WDS', () => {
  const store = '\\Boot\\BIOS\\BCD'
  const windows: Programs = [
    { architecture: 'bios', file: 'Boot/pxeboot.n12' },
    { architecture: 'x64-uefi', file: 'Boot/bootmgfw.efi' },
  ]
  const files = { 'Boot/pxeboot.n12': bios, 'Boot/bootmgfw.efi': x64 }
  const with252 = (value: string, programs = windows): ReturnType<typeof lab> => lab(programs, { dhcp: { subnets: [net()] as never, architectures: { bios: { options: { 252: value } } } } }) // prettier-ignore
  const about252 = (notices: readonly LabNotice[]): string[] => told(notices).filter((one) => one.includes('252'))

  test('option 252 that names no file is told for the machines that are sent it', () => {
    expect(about252(checkBoot(with252(store), viewOf(files), own))).toEqual([
      `dhcp: BIOS machines stop at the boot manager with 0xc000000f: option 252 names the boot configuration ${store}, and it cannot be loaded, there is no such file`,
    ])
    expect(about252(checkBoot(with252(store), viewOf({ ...files, [store]: 'regf' }), own))).toEqual([])
    // Beside another DHCP server it is told by the proxy and on port 4011.
    for (const mode of ['proxy-dhcp', 'boot-server'] as const) {
      const beside = { ...with252(store), mode }
      expect(about252(checkBoot(beside, viewOf(files), own))).toHaveLength(1)
      expect(about252(checkBoot(beside, viewOf({ ...files, [store]: 'regf' }), own))).toEqual([])
    }
  })
  test('a boot configuration for the other firmware is told for the machines that are sent it', () => {
    const made = (firmware: 'uefi' | 'bios'): Uint8Array => writeBootConfiguration({ entries: [{ title: 'Windows PE', image: '\\Boot\\boot.wim' }], sdi: '\\Boot\\boot.sdi', firmware, blockSize: 1456, windowSize: 4, timeoutSeconds: 0 }) // prettier-ignore
    const toAll = lab(windows, { dhcp: { subnets: [net()] as never, options: { 252: store } } })
    const about = (programs: ReturnType<typeof lab>, firmware: 'uefi' | 'bios'): string[] => about252(checkBoot(programs, viewOf({ ...files, [store]: made(firmware) }), own)) // prettier-ignore
    expect(about(with252(store), 'uefi')).toEqual([
      `dhcp: BIOS machines do not start Windows PE: option 252 names the boot configuration ${store}, whose entries start \\Windows\\System32\\Boot\\winload.efi, the program of UEFI machines`,
    ])
    expect(about(with252(store), 'bios')).toEqual([])
    expect(about(toAll, 'bios')).toEqual([
      `dhcp: UEFI x64 machines do not start Windows PE: option 252 names the boot configuration ${store}, whose entries start \\Windows\\System32\\Boot\\winload.exe, the program of BIOS machines`,
    ])
    expect(about(toAll, 'uefi')).toHaveLength(1)
  })
  test('a boot configuration in the boot folder is read whole, and told', async () => {
    const root = mkdtempSync(join(tmpdir(), 'pxe-lab-bcd-'))
    mkdirSync(join(root, 'Boot/BIOS'), { recursive: true })
    for (const [name, content] of Object.entries(files)) writeFileSync(join(root, name), content)
    const put = (firmware: 'uefi' | 'bios'): void => writeFileSync(join(root, 'Boot/BIOS/BCD'), writeBootConfiguration({ entries: [{ title: 'A'.repeat(3000), image: '\\Boot\\boot.wim' }], sdi: '\\Boot\\boot.sdi', firmware, blockSize: 1456, windowSize: 4, timeoutSeconds: 0 })) // prettier-ignore
    put('uefi')
    expect(about252(await noticesOf(with252(store), root))).toEqual([
      expect.stringContaining('do not start Windows PE'),
    ])
    put('bios')
    expect(about252(await noticesOf(with252(store), root))).toEqual([])
    rmSync(root, { recursive: true })
  })
  test.each([
    ['the address of a web proxy', 'http://10.66.0.9/wpad.dat', windows],
    ['machines that load no program of Windows', store, [{ architecture: 'bios', file: 'undionly.kpxe' }] as Programs],
  ])('nothing is told of %s', (_, value, programs) => {
    expect(about252(checkBoot(with252(value, programs), viewOf({ ...files, 'undionly.kpxe': bios }), own))).toEqual([])
  })

  const script = (...lines: string[]): string => ['#!ipxe', 'kernel wimboot', ...lines, 'boot'].join('\n')
  const cpio = (text: string, programs: Programs = both): string[] => told(checkBoot(lab(programs), viewOf({ 'menu.ipxe': text, 'undionly.kpxe': bios, 'ipxe.efi': x64 }), own)).filter((one) => one.includes('CPIO')) // prettier-ignore
  test.each([
    ['initrd boot/boot.sdi', 'boot/boot.sdi'],
    ['initrd --name boot.wim http://10.66.0.1/boot.wim || goto failed', 'http://10.66.0.1/boot.wim'],
    ['imgfetch -n BCD BCD', 'BCD'],
  ])('a script that gives wimboot a file without a name stops a BIOS: %s', (line, file) => {
    expect(cpio(script('initrd BCD BCD', line))).toEqual([
      `boot.programs[0].file: BIOS machines stop in wimboot with "Bad CPIO magic": menu.ipxe loads ${file} without a name behind it`,
    ])
  })
  test('named files, scripts that look at the platform, other kernels and labs without BIOS are left alone', () => {
    expect(cpio(script('initrd --name boot.wim boot.wim boot.wim || goto failed', 'initrd BCD bcd'))).toEqual([])
    expect(cpio(script('iseq ${platform} efi && initrd boot.wim', 'initrd boot.wim'))).toEqual([])
    expect(cpio('#!ipxe\nkernel vmlinuz\ninitrd initrd.img\nboot')).toEqual([])
    expect(cpio('#!ipxe\nkernel wimboot\ninitrd a a\nboot\n:linux\nkernel vmlinuz\ninitrd initrd.img\nboot')).toEqual(
      [],
    )
    expect(
      cpio(
        script('initrd boot.wim'),
        both.filter(({ architecture }) => architecture !== 'bios'),
      ),
    ).toEqual([])
  })
})

const bothFiles = { 'menu.ipxe': '#!ipxe\nshell\n', 'undionly.kpxe': bios, 'ipxe.efi': x64 }

describe('the judgement', () => {
  test('a lab with all its files, for BIOS and UEFI, has nothing to be told', () => {
    expect(checkBoot(lab(both), viewOf(bothFiles), own)).toEqual([])
  })

  test('a missing program, one of another architecture, an empty one: who gets nothing to boot', () => {
    const { 'undionly.kpxe': _, ...withoutBios } = bothFiles
    expect(told(checkBoot(lab(both), viewOf(withoutBios), own))).toEqual([
      'boot.programs[1].file: BIOS machines get nothing to boot: undionly.kpxe cannot be loaded, there is no such file',
    ])
    const swapped = viewOf({ ...bothFiles, 'undionly.kpxe': x64, 'ipxe.efi': bios })
    expect(told(checkBoot(lab(both), swapped, own))).toEqual([
      expect.stringMatching(/^boot\.programs\[1\]\.file: BIOS machines get nothing to boot: undionly\.kpxe is the wrong program \(UEFI program, x64 /),
      expect.stringMatching(/^boot\.programs\[2\]\.file: UEFI x64 machines get nothing to boot: ipxe\.efi is the wrong program/),
    ]) // prettier-ignore
    expect(told(checkBoot(lab(both), viewOf({ ...bothFiles, 'ipxe.efi': arm64 }), own))).toEqual([
      expect.stringContaining('UEFI x64 machines get nothing to boot: ipxe.efi is the wrong program (UEFI program, ARM64'), // prettier-ignore
    ])
    expect(told(checkBoot(lab(both), viewOf({ ...bothFiles, 'menu.ipxe': '' }), own))).toEqual([
      expect.stringContaining('Machines that run iPXE get nothing to boot: menu.ipxe is the wrong program (the file is empty)'), // prettier-ignore
    ])
  })

  test('a rule behind one that has all its machines never applies, and its file is not asked for', () => {
    const special = { architecture: 'x64-uefi', circuitId: 'rack1', file: 'special.efi' } as const
    const general = { architecture: ['x64-uefi', 'arm64-uefi'], file: 'grubx64.efi' } as const
    const all = [both[0]!, both[1]!]
    const files = viewOf({ ...bothFiles, 'grubx64.efi': x64, 'special.efi': x64 })
    const never = (programs: Programs): string[] =>
      checkBoot(lab(programs), files, own)
        .filter((one) => one.code === 'rule-never-reached')
        .map(({ field, text }) => `${field}: ${inEnglish(text)}`)
    expect(never([...all, general as never, { ...special, file: 'http://elsewhere/x.efi' }])).toEqual([
      'boot.programs[3]: Rule 4 of boot.programs never applies: rule 3 comes first and matches all its machines',
    ])
    expect(never([...all, special, general as never])).toEqual([])
    // iPXE does not load itself again, and gets what comes behind.
    expect(
      never([
        { architecture: 'bios', file: 'undionly.kpxe' },
        { architecture: 'bios', file: 'menu.ipxe' },
      ]),
    ).toEqual([])
  })

  test('a program for every machine is held against those that get it', () => {
    const one = lab([{ architecture: 'bios', file: 'a.0' }, { file: 'b.efi' }])
    expect(checkBoot(one, viewOf({ 'a.0': bios, 'b.efi': x64 }), own)).toEqual([])
    expect(told(checkBoot(lab([{ file: 'b.efi' }]), viewOf({ 'b.efi': x64 }), own))).toEqual([
      expect.stringContaining('BIOS machines get nothing to boot: b.efi is the wrong program'),
    ])
  })

  test('a web address for PXE firmware (nix-netboot-serve 2, ltsp 75, xcat 7743)', () => {
    const url = 'http://10.66.0.1/ipxe.efi'
    const about = (architecture: 'x64-uefi' | 'x64-uefi-http' | 'bios', more: object = {}): readonly LabNotice[] => checkBoot(lab([{ architecture, file: url, ...more }], { http: { enabled: true } }), viewOf({}), own) // prettier-ignore
    expect(told(about('x64-uefi'), 'warning')).toEqual([
      `boot.programs[0].file: UEFI x64 machines get nothing to boot: PXE firmware loads over TFTP only, and ${url} is a web address`,
    ])
    // iPXE as the ROM of a virtual machine loads it.
    expect(told(about('bios'), 'info')).toContain(`boot.programs[0].file: BIOS machines get nothing to boot: PXE firmware loads over TFTP only, and ${url} is a web address`) // prettier-ignore
    for (const notices of [about('x64-uefi-http'), about('x64-uefi', { userClass: 'iPXE' })])
      expect(told(notices).join()).not.toMatch(/loads over TFTP only/)
  })

  test('machines that no rule matches, and iPXE that goes in a circle', () => {
    const uefi = lab([{ architecture: 'x64-uefi', file: 'grubx64.efi' }])
    const notices = checkBoot(uefi, viewOf({ 'grubx64.efi': x64 }), own)
    expect(told(notices, 'info')).toEqual([
      'boot.programs: BIOS machines get nothing to boot: no rule of boot.programs matches them',
    ])
    expect(told(notices, 'warning')).toEqual([])
    expect(told(checkBoot(lab([]), viewOf({}), own))).toEqual([
      'boot.programs: No machine gets anything to boot: boot.programs has no rule',
    ])
    const { 'menu.ipxe': _, ...programs } = bothFiles
    expect(told(checkBoot(lab(both.slice(1)), viewOf(programs), own))).toEqual([
      'boot.programs: BIOS machines load undionly.kpxe, and once iPXE runs it gets nothing further',
      'boot.programs: UEFI x64 machines load ipxe.efi, and once iPXE runs it gets nothing further',
    ])
  })

  test('names without a DNS server, HTTP that is off, in rules and in scripts', () => {
    const script = (line: string): BootFolderView => viewOf({ ...bothFiles, 'menu.ipxe': `#!ipxe\n# http://comment.example/\n${line}\n` }) // prettier-ignore
    expect(told(checkBoot(lab(both), script('chain http://boot.example/x'), own))).toEqual([
      'dhcp.subnets[0].dns: Clients of 10.66.0.0/24 have no DNS server (option 6), and menu.ipxe names the host boot.example', // prettier-ignore
    ])
    const withDns = lab(both, { nets: [net({ dns: ['10.66.0.1'] })] })
    expect(checkBoot(withDns, script('chain http://boot.example/x'), own)).toEqual([])
    for (const host of ['${next-server}', '${net0/next-server}:8080', '10.66.0.1'])
      expect(told(checkBoot(lab(both), script(`kernel http://${host}/vmlinuz`), own))).toEqual([
        'boot.programs[0].file: menu.ipxe loads over HTTP from this machine, and HTTP is off',
      ])
    expect(checkBoot(lab(both, { http: { enabled: true } }), script('kernel http://${next-server}/k'), own).filter(({ level }) => level === 'warning')).toEqual([]) // prettier-ignore
    // Variables of the script and addresses elsewhere need neither.
    expect(checkBoot(lab(both), script('chain http://${server}/x || chain http://10.9.9.9/x'), own)).toEqual([])
    const byRule = lab([...both, { architecture: 'arm64-uefi', file: 'http://boot.example/a.efi' }])
    expect(told(checkBoot(byRule, viewOf(bothFiles), own))).toEqual([expect.stringContaining('UEFI ARM64 machines get nothing to boot: PXE firmware'), expect.stringContaining('names the host boot.example')]) // prettier-ignore
    const overHttp = lab([...both, { architecture: 'x64-uefi-http', file: 'ipxe.efi' }])
    expect(told(checkBoot(overHttp, viewOf(bothFiles), own))).toEqual([
      'boot.programs[3].file: UEFI x64 machines with HTTP boot get nothing to boot: they need an http:// address for ipxe.efi, and HTTP is off', // prettier-ignore
    ])
    // Names are the other server's business where that gives the addresses.
    const proxy = lab([...both.slice(1), { userClass: 'iPXE', file: 'http://boot.example/x' }], { mode: 'proxy-dhcp', nets: [] }) // prettier-ignore
    expect(told(checkBoot(proxy, viewOf(bothFiles), own), 'warning')).toEqual([])
  })

  test('no router to where the files are, nobody who serves them', () => {
    const far = lab(both, { nets: [net({ router: undefined }), net({ subnet: '10.77.0.0/24', pools: [], router: undefined })] }) // prettier-ignore
    expect(told(checkBoot(far, viewOf(bothFiles), own))).toEqual([
      'dhcp.subnets[1].router: Clients of 10.77.0.0/24 have no router (option 3), and their boot files are on 10.66.0.1 in another network', // prettier-ignore
    ])
    expect(told(checkBoot(lab(both, { tftp: { enabled: false } }), viewOf(bothFiles), own))).toEqual([
      'tftp.enabled: No machine gets menu.ipxe: neither TFTP nor HTTP serves the boot folder',
    ])
    // What another server has is not looked for here.
    expect(checkBoot(lab(both, { boot: { nextServer: '10.66.0.9' } }), viewOf({}), own)).toEqual([])
    expect(told(checkBoot(lab(both), { exists: false, files: new Map() }, own))).toEqual([
      'boot.files: Nothing can be booted: the boot folder ./boot does not exist',
    ])
  })

  test('options 66 and 67 that contradict the header are told at the start, and by the server once', () => {
    const one = lab(both, {
      nets: [net({ options: { 67: 'other.efi', 66: '10.66.0.9' } })],
      boot: { nextServer: '10.66.0.1' },
    })
    const notices = told(checkBoot(one, viewOf(bothFiles), own))
    expect(notices).toEqual([
      expect.stringContaining('dhcp.subnets[0].options: BIOS machines are told two things: option 67 names other.efi and the field file undionly.kpxe, option 66 names 10.66.0.9 and the field siaddr 10.66.0.1'), // prettier-ignore
      expect.stringContaining('UEFI x64 machines are told two things: option 67 names other.efi and the field file ipxe.efi'), // prettier-ignore
    ])
    const served = { name: 'eth0', address: own[0]!, prefixLength: 24, mtu: 1500 }
    const server = new DhcpServer(dhcpConfigurationOf(one, [served]))
    const events: string[] = []
    for (const mac of ['02:00:00:00:00:01', '02:00:00:00:00:02']) {
      server.handle(arriving(request({ type: 'discover', mac, ...pxe(7) })), 1)
      for (let event = server.pollEvent(); event; event = server.pollEvent()) events.push(describeEvent(event).text)
      while (server.pollTransmit()) continue
    }
    expect(events).toEqual([
      'the reply to 02:00:00:00:00:01 says two things: option 67 names other.efi and the field file ipxe.efi, option 66 names 10.66.0.9 and the field siaddr 10.66.0.1. Leave options 66 and 67 to boot.programs', // prettier-ignore
    ])
    // The same said twice, with or without the NUL that firmware wants, is no contradiction.
    const agreed = lab([{ file: 'ipxe.efi' }], { nets: [net({ options: { 67: 'ipxe.efi\0' } })] })
    expect(told(checkBoot(agreed, viewOf(bothFiles), own), 'warning').filter((text) => text.includes('two things'))).toEqual([]) // prettier-ignore
  })
})

describe('with a folder on the disk', () => {
  let root: string
  const boot = (...name: string[]): string => join(root, 'boot', ...name)
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
    mkdirSync(boot())
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  test('every page says the same of a program: notices, list of files, simulation', async () => {
    const swapped: LabInput = {
      interface: 'lo',
      mode: 'dhcp',
      dhcp: { subnets: [net()] as never },
      boot: { programs: [{ architecture: 'bios', file: 'real.efi' }, { architecture: 'x64-uefi', file: 'real.kpxe' }] }, // prettier-ignore
    }
    writeFileSync(join(root, 'lab.yaml'), stringify(swapped))
    const parsed = labSchema.parse(swapped)
    const simulated = async () => {
      const found = await findScenario(join(root, 'lab.yaml'))
      if (!found.ok) throw new Error('the lab is refused')
      const simulation = new Simulation(found.scenario, { record: false })
      simulation.run()
      return {
        notices: found.notices.map(({ code }) => code),
        states: Object.fromEntries(simulation.outcomes().map(({ name, state }) => [name, state])),
      }
    }
    const problems = async () => (await listBootFiles(parsed, boot())).programs.map(({ problem }) => problem)

    expect(await simulated()).toMatchObject({
      notices: ['program-missing', 'program-missing'],
      states: { 'bios-pc': 'failed', 'edk2-pc': 'failed' },
    })
    expect(await problems()).toEqual(['missing: there is no such file', 'missing: there is no such file'])

    writeFileSync(boot('real.efi'), x64)
    writeFileSync(boot('real.kpxe'), bios)
    expect(await simulated()).toMatchObject({
      notices: ['program-wrong', 'program-wrong'],
      states: { 'bios-pc': 'failed', 'edk2-pc': 'failed' },
    })
    expect(await problems()).toEqual([expect.stringContaining('cannot start on BIOS'), expect.stringContaining('UEFI firmware starts only PE')]) // prettier-ignore

    writeFileSync(boot('real.efi'), bios)
    writeFileSync(boot('real.kpxe'), x64)
    expect(await simulated()).toMatchObject({ notices: [], states: { 'bios-pc': 'booted', 'edk2-pc': 'booted' } })
    expect(await problems()).toEqual(['', ''])
  })

  test('what comes and goes while the lab runs is told as it happens', async () => {
    const parsed = lab([{ architecture: 'bios', file: 'a.0' }, { architecture: 'x64-uefi', file: 'b.efi' }]) // prettier-ignore
    writeFileSync(boot('b.efi'), x64)
    let heard: (change: { fresh: string[]; over: string[] }) => void = () => {}
    const next = () => new Promise<{ fresh: string[]; over: string[] }>((resolve) => (heard = resolve))
    const first = next()
    const stop = followNotices(parsed, boot(), (_, fresh, over) => heard({ fresh: told(fresh), over: told(over) }))
    const missing = 'boot.programs[0].file: BIOS machines get nothing to boot: a.0 cannot be loaded, there is no such file' // prettier-ignore
    expect(await first).toEqual({ fresh: [missing], over: [] })
    const second = next()
    writeFileSync(boot('a.0'), bios)
    expect(await second).toEqual({ fresh: [], over: [missing] })
    const third = next()
    rmSync(boot('b.efi'))
    expect((await third).fresh).toEqual([expect.stringContaining('UEFI x64 machines get nothing to boot: b.efi cannot be loaded')]) // prettier-ignore
    stop()
  })

  test.skipIf(process.platform === 'win32')(
    'a link out of the folder, and one that leads nowhere, are told as that',
    async () => {
      writeFileSync(join(root, 'outside.0'), bios)
      symlinkSync(join(root, 'outside.0'), boot('out.0'))
      symlinkSync('/nowhere/at/all.0', boot('dead.0'))
      symlinkSync(root, boot('up'))
      const folder = await BootFolder.open(boot())
      const reason = async (name: string): Promise<unknown> => {
        const found = await folder.openFile(name)
        return found.ok ? 'it was opened' : [found.code, found.reason]
      }
      for (const name of ['out.0', 'OUT.0', 'up/outside.0'])
        expect(await reason(name)).toEqual(['forbidden', 'a link on its path leads out of the folder'])
      for (const name of ['dead.0', 'Dead.0']) expect(await reason(name)).toEqual(['not-found', 'it is a link that leads nowhere']) // prettier-ignore
      expect(await reason('none.0')).toEqual(['not-found', 'there is no such file'])
      const notices = await noticesOf(lab([{ architecture: 'bios', file: 'out.0' }, { file: 'dead.0' }]), boot())
      expect(told(notices, 'warning')).toEqual([
      expect.stringContaining('BIOS machines get nothing to boot: out.0 cannot be loaded, a link on its path leads out'),
      expect.stringContaining('All machines get nothing to boot: dead.0 cannot be loaded, it is a link that leads nowhere'),
    ]) // prettier-ignore
    },
  )

  test('what a rule hands out is described alike whether it is listed or judged', () => {
    const one = lab(both)
    const view = viewOf(bothFiles)
    expect(both.map((_, index) => programState(one, index, view, own).problem)).toEqual(['', '', ''])
    expect(programState(lab([{ file: 'x' }], { boot: { nextServer: '10.66.0.9' } }), 0, view, [parseIpv4('10.66.0.1')!])).toEqual({ description: 'a file on 10.66.0.9', problem: '' }) // prettier-ignore
  })
})
