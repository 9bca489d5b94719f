import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipxeMenuSchema, readIpxeMenu, writeIpxeMenu, type IpxeEntry, type IpxeMenu } from '#shared/lab/ipxe-menu.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'

const word = fc.stringMatching(/^[A-Za-z0-9äß(][A-Za-z0-9äß().:%/_-]{0,12}$/)
const words = fc.array(word, { minLength: 1, maxLength: 3 }).map((all) => all.join(' '))
const name = fc
  .array(fc.stringMatching(/^[A-Za-z0-9.][A-Za-z0-9._%-]{0,8}$/), { minLength: 1, maxLength: 3 })
  .map((all) => all.join('/'))
const names = fc.array(
  fc.oneof(
    name,
    name.map((one) => `my ${one}`),
  ),
  { maxLength: 3 },
)
const head = { text: words }
const wimbootFiles = fc.array(
  name.filter((one) => one.split('/').at(-1)!.toLowerCase() !== 'boot.wim'),
  { maxLength: 3 },
)
const entry: fc.Arbitrary<IpxeEntry> = fc.oneof(
  fc.record({
    ...head,
    kind: fc.constant('linux' as const),
    kernel: name,
    initrds: names,
    arguments: fc.oneof(fc.constant(''), words),
  }),
  fc.record({
    ...head,
    kind: fc.constant('windows' as const),
    wimboot: name,
    image: names.map(([one = 'a.wim']) => one),
    files: wimbootFiles,
  }),
  fc.record({
    ...head,
    kind: fc.constant('windows' as const),
    wimboot: name,
    image: name,
    files: fc.constant<string[]>([]),
    arguments: fc.constantFrom('index=2', 'gui pause=quiet', 'rawbcd'),
  }),
  fc.record({ ...head, kind: fc.constant('chain' as const), file: name }),
  fc.record({ ...head, kind: fc.constantFrom('disk' as const, 'shell' as const) }),
)
const menu: fc.Arbitrary<IpxeMenu> = fc
  .record({
    title: words,
    timeoutSeconds: fc.integer({ min: 0, max: 3600 }),
    chosen: fc.nat(),
    keyed: fc.array(fc.boolean()),
    entries: fc.array(entry, { minLength: 1, maxLength: 8 }),
  })
  .map(({ chosen, keyed, entries, ...rest }) => ({
    ...rest,
    defaultEntry: chosen % entries.length,
    entries: entries.map((one, index) => (keyed[index] ? { ...one, key: 'abcdefgh'[index]! } : one)),
  }))

describe('an iPXE menu', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(menu, (one) => {
        expect(readIpxeMenu(writeIpxeMenu(one))).toEqual(one)
      }),
    )
  })

  test('keeps every text that it takes in one command', () => {
    const odd = fc.stringMatching(/^[ -~äß]{1,20}$/)
    fc.assert(
      fc.property(odd, odd, (title, shown) => {
        const one = { title, timeoutSeconds: 0, defaultEntry: 0, entries: [{ kind: 'disk', text: shown }] }
        const read = ipxeMenuSchema.safeParse(one)
        fc.pre(read.success)
        const script = writeIpxeMenu(read.data)
        expect(readIpxeMenu(script)).toEqual(one)
        // As iPXE takes a line apart: at blanks, up to a comment or to what joins commands.
        for (const line of script.split('\n').slice(3, 5))
          expect(line.split(' ').filter((word) => word.startsWith('#') || ['||', '&&', ';'].includes(word))).toEqual([])
      }),
    )
  })

  test('leaves an address with a scheme as it was pasted', () => {
    const one: IpxeMenu = { title: 'x', timeoutSeconds: 0, defaultEntry: 0, entries: [{ kind: 'chain', text: 'x', file: 'http://10.0.0.1/my%20menu.ipxe?mac=%3A' }] } // prettier-ignore
    expect(writeIpxeMenu(one)).toContain('chain http://10.0.0.1/my%20menu.ipxe?mac=%3A ')
    expect(readIpxeMenu(writeIpxeMenu(one))).toEqual(one)
  })

  test('of which anything was changed by hand is left to its author', () => {
    fc.assert(
      fc.property(menu, fc.nat(), fc.constantFrom('# by hand', 'dhcp', ':entry99', 'set a b'), (one, at, line) => {
        const lines = writeIpxeMenu(one).split('\n')
        lines.splice(1 + (at % (lines.length - 1)), 0, line)
        expect(readIpxeMenu(lines.join('\n'))).toBeUndefined()
      }),
    )
  })

  test('names each file for wimboot twice: for UEFI, and as the archive of a BIOS has it', () => {
    const one: IpxeMenu = { title: 'x', timeoutSeconds: 0, defaultEntry: 0, entries: [{ kind: 'windows', text: 'x', wimboot: 'wimboot', image: 'win/pe 11.wim', files: ['cfg/winpeshl.ini', 'http://10.0.0.1/unattend.xml?mac=1'] }] } // prettier-ignore
    const script = writeIpxeMenu(one)
    expect(script.split('\n').filter((line) => line.startsWith('initrd'))).toEqual([
      'initrd --name winpeshl.ini cfg/winpeshl.ini winpeshl.ini || goto failed',
      'initrd --name unattend.xml http://10.0.0.1/unattend.xml?mac=1 unattend.xml || goto failed',
      'initrd --name boot.wim win/pe%2011.wim boot.wim || goto failed',
    ])
    expect(readIpxeMenu(script)).toEqual(one)
    const before = { ...one, entries: [{ ...one.entries[0]!, files: [] }] } as IpxeMenu
    const old = writeIpxeMenu(before).replace('pe%2011.wim boot.wim', 'pe%2011.wim')
    expect(readIpxeMenu(old)).toEqual(before)
  })

  test.each([
    '', '#!ipxe', '#!ipxe\nchain other.ipxe\n', '#!ipxe\n:menu\nmenu x\nitem a b\nchoose c\n',
  ])('is none in %j', (script) => expect(readIpxeMenu(script)).toBeUndefined()) // prettier-ignore

  const valid: IpxeMenu = {
    title: 'Bench',
    timeoutSeconds: 5,
    defaultEntry: 0,
    entries: [{ kind: 'disk', text: 'Local disk' }],
  }
  test.each([
    [{ title: 'a\nkernel evil' }, 'title', 'has a line break in it'],
    [{ title: '${net0/mac}' }, 'title', 'has ${ in it, which iPXE takes for a setting'],
    [{ title: 'two  blanks' }, 'title', 'has blanks that iPXE does not keep'],
    [{ title: '--left' }, 'title', 'begins with -, which iPXE takes for an option'],
    [{ title: 'Windows && tools' }, 'title', 'has a word that begins with #, or ||, && or ; by itself, which end a command of iPXE'],
    [{ entries: [{ kind: 'disk', text: 'Disk #1' }] }, 'entries.0.text', 'has a word that begins with #, or ||, && or ; by itself, which end a command of iPXE'],
    [{ entries: [{ kind: 'linux', text: 'x', kernel: 'k', initrds: [], arguments: 'quiet ; reboot' }] }, 'entries.0.arguments', 'has a word that begins with #, or ||, && or ; by itself, which end a command of iPXE'],
    [{ defaultEntry: 1 }, 'defaultEntry', 'is none of the entries'],
    [{ entries: [] }, 'entries', 'is empty'],
    [{ entries: [{ kind: 'chain', text: 'x', file: 'a || shell' }] }, 'entries.0.file', 'has a character that iPXE does not take in a name'],
    [{ entries: [{ kind: 'windows', text: 'x', wimboot: 'w', image: 'i', files: ['a/Boot.wim'] }] }, 'entries.0.files.0', 'has the name boot.wim, under which wimboot gets the image'],
    [{ entries: [{ kind: 'windows', text: 'x', wimboot: 'w', image: 'i', files: ['my file.ini'] }] }, 'entries.0.files.0', 'has a name with blanks, or of more than 31 characters, which wimboot does not find'],
    [{ entries: [{ kind: 'windows', text: 'x', wimboot: 'w', image: 'i', files: [], arguments: 'index=2 verbose' }] }, 'entries.0.arguments', 'is no list of arguments of wimboot: gui, index=2, linear, pause, pause=quiet, quiet, rawbcd, rawwim'],
    [{ entries: [{ kind: 'disk', text: 'x', key: 'a' }, { kind: 'shell', text: 'y', key: 'a' }] }, 'entries.1.key', 'is the key of entry 1 already'],
  ] as const)('with %o is refused at its field', (wrong, field, message) => {
    const read = ipxeMenuSchema.safeParse({ ...valid, ...wrong })
    expect(read.error?.issues.map((one) => `${one.path.join('.')} ${one.message}`)).toContain(`${field} ${message}`)
  }) // prettier-ignore

  const entries: IpxeEntry[] = [
    { kind: 'linux', text: 'Debian installer', key: 'd', kernel: 'debian/linux', initrds: ['debian/initrd.gz'], arguments: 'quiet vga=788' },
    { kind: 'windows', text: 'Windows PE', wimboot: 'wimboot', image: 'win/pe 11.wim', files: [] },
    { kind: 'chain', text: 'Memory test', file: 'memtest.efi' },
    { kind: 'disk', text: 'Local disk' },
  ] // prettier-ignore
  /** How it ends, and what a machine loads after the menu when somebody chooses that line. */
  const play = (firmware: 'edk2' | 'bios', menuLine: number | undefined, timeoutSeconds = 5): readonly string[] => {
    const script = writeIpxeMenu({ title: 'Bench', timeoutSeconds, defaultEntry: 2, entries })
    const file = { size: 4000, architecture: firmware === 'bios' ? 'bios' : 'x64-uefi' }
    const simulation = new Simulation(
      scenarioSchema.parse({
        title: 'A menu',
        group: 'Normal boots',
        summary: 'x',
        segments: { lan: { network: '10.0.0.0/24' } },
        hosts: {
          lab: {
            on: { lan: '10.0.0.1' },
            services: {
              responder: {
                type: 'responder',
                lab: {
                  interface: 'lan',
                  mode: 'dhcp',
                  dhcp: { subnets: [{ subnet: '10.0.0.0/24', pools: [{ start: '10.0.0.10', end: '10.0.0.20' }] }] },
                  boot: { programs: [{ userClass: 'iPXE', file: 'menu.ipxe' }, { file: 'ipxe.x' }] },
                },
              },
            },
            files: {
              'menu.ipxe': { text: script },
              'ipxe.x': { program: 'ipxe', ...file },
              'debian/linux': file,
              'debian/initrd.gz': { size: 9000 },
              wimboot: file,
              'win/pe 11.wim': { size: 9000 },
              'memtest.efi': file,
            },
          },
        },
        clients: { pc: { firmware, on: 'lan', ...(menuLine === undefined ? {} : { menuLine }) } },
        endSeconds: 120,
      }),
      { record: true },
    )
    simulation.run()
    const [outcome] = simulation.outcomes()
    const { screen, state } = outcome!
    const begin = screen.findIndex((line) => line.endsWith('[script]'))
    return [state, ...screen.slice(begin).flatMap((line) => /^(\S+)\.\.\. ok/.exec(line)?.[1] ?? [])]
  }

  test.each(['bios', 'edk2'] as const)('plays on %s: each entry loads what it names', (firmware) => {
    expect(play(firmware, 0)).toEqual(['booted', 'debian/linux', 'debian/initrd.gz'])
    expect(play(firmware, 1)).toEqual(['booted', 'wimboot', 'win/pe%2011.wim'])
    expect(play(firmware, undefined)).toEqual(['booted', 'memtest.efi'])
    // Without a time it waits for somebody.
    expect(play(firmware, undefined, 0)).toEqual(['failed'])
  })
})
