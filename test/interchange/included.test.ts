import { inEnglish } from '#messages/text.ts'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfiguration, readConfigurations } from '#shared/interchange/read.ts'
import type { SourceFile } from '#shared/interchange/model.ts'
import { withIncluded } from '../../src/main/files/included-files.ts'

const file = (name: string, text: string): SourceFile => ({ name, text })

describe('an included file stands where it is named, with its own lines', () => {
  test('Kea: in a list, as a value and among keys; one that is missing takes nothing else along', () => {
    const main = file('kea.conf', '{ "Dhcp4": {\n "client-classes": [ <?include "/etc/kea/classes.inc"?>, { "name": "last" } ],\n "option-data": <?include "none.inc"?>,\n <?include "/etc/kea/keys.inc"?>\n "subnet4": [] } }') // prettier-ignore
    const others = [file('classes.inc', '\n{ "name": "first", "surprise": 1 }'), file('x/kea/keys.inc', '"valid-lifetime": 700,')] // prettier-ignore
    const found = readConfiguration(main, others)!
    expect(found.classes.map(({ name, source }) => [name, source])).toEqual([
      ['first', { file: 'classes.inc', line: 2 }],
      ['last', { file: 'kea.conf', line: 2 }],
    ])
    expect(found.statements[0]).toMatchObject({ source: { file: 'x/kea/keys.inc', line: 1 }, set: { seconds: 700 } })
    expect(found.notUnderstood.map(({ file, line }) => [file, line])).toEqual([['kea.conf', 3], ['classes.inc', 2]]) // prettier-ignore
    expect(found.files).toEqual(['kea.conf', 'classes.inc', 'x/kea/keys.inc'])
    expect(found.absent).toEqual([{ name: 'none.inc', isFolder: false }])
  })

  test('Kea: a file that includes itself, or each of two the other, ends', () => {
    const text = '{ "Dhcp4": { "subnet4": [ <?include "b"?> ] } }'
    const found = readConfiguration(file('a', text), [file('b', '<?include "c"?>'), file('c', '<?include "b"?>')])!
    expect(found.notUnderstood).toMatchObject([{ file: 'c', line: 1 }])
    expect(readConfiguration(file('a', '{ "Dhcp4": <?include "a"?> }'), [file('a', '{}')])!.notUnderstood).toMatchObject([{ file: 'a', line: 1 }]) // prettier-ignore
  })

  test('files that include each other are one configuration, whichever was given first', () => {
    const one = file(
      'one.conf',
      'include "two.conf";\nsubnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.10 10.0.0.20; }',
    )
    const two = file('two.conf', 'include "one.conf";\nfilename "a.0";')
    for (const given of [[one, two], [two, one]]) {
      const { configurations, unrecognised } = readConfigurations(given)
      expect(unrecognised).toEqual([])
      expect(configurations.map(({ files, subnets }) => [files[0], subnets.length])).toEqual([[given[0]!.name, 1]])
    } // prettier-ignore
  })
  test('dnsmasq: configurations of other engines given beside it are no part of its conf-dir', () => {
    const main = file('dnsmasq.conf', 'conf-dir=/etc/dnsmasq.d,*.conf\ndhcp-range=10.0.0.10,10.0.0.20,255.255.255.0')
    const others = [
      file('kea.conf', '// ours\n{ "Dhcp4": { "subnet4": [ { "subnet": "10.1.0.0/24" } ] } }'),
      file(
        'dhcpd.conf',
        '# ours\noption arch code 93 = unsigned integer 16;\nsubnet 10.2.0.0 netmask 255.255.255.0 { }',
      ),
      file('old.conf', 'authoritative;\nsubnet 10.3.0.0 netmask 255.255.255.0 { }'),
      file('own.conf', '# ours\ndhcp-boot=own.0'),
    ]
    const { configurations, unrecognised } = readConfigurations([main, ...others])
    expect(unrecognised).toEqual([])
    expect(configurations.map(({ engine, files }) => [engine, files])).toEqual([['dnsmasq', ['dnsmasq.conf', 'own.conf']], ['kea', ['kea.conf']], ['dhcpd', ['dhcpd.conf']], ['dhcpd', ['old.conf']]]) // prettier-ignore
  })
  test.each(['conf-dir=/etc/dnsmasq.d', 'conf-file=/etc/dnsmasq.d/pxe.conf'])(
    'dnsmasq: a file that says only %s is one',
    (line) => {
      const main = file('dnsmasq.conf', `# all is elsewhere\n${line}\n`)
      const read = readConfiguration(main, [
        file('etc/dnsmasq.d/pxe.conf', 'dhcp-range=10.0.0.10,10.0.0.20,255.255.255.0'),
      ])
      expect(read).toMatchObject({ engine: 'dnsmasq' })
      expect(JSON.stringify(read)).toContain('10.0.0.10')
    },
  )

  test('dnsmasq: conf-dir takes what its suffixes say, in the order of names; hosts and options come last', () => {
    const main = file('etc/dnsmasq.conf', 'conf-dir=/etc/dnsmasq.d/,*.conf\ndhcp-hostsfile=/etc/hosts.dhcp\nread-ethers\ndhcp-optsdir=/etc/opts\ndhcp-boot=main.0') // prettier-ignore
    const others = [
      file('etc/dnsmasq.d/20-b.conf', 'dhcp-boot=b.0'),
      file('etc/dnsmasq.d/10-a.conf', 'dhcp-range=10.0.0.10,10.0.0.20,255.255.255.0\nnonsense=1'),
      file('etc/dnsmasq.d/10-a.conf~', 'dhcp-boot=old.0'),
      file('etc/dnsmasq.d/README', 'dhcp-boot=readme.0'),
      file('etc/hosts.dhcp', '\n02:00:5e:20:00:01,10.0.0.41'),
    ]
    const found = readConfiguration(main, others)!
    expect(found.files).toEqual(['etc/dnsmasq.conf', 'etc/dnsmasq.d/10-a.conf', 'etc/dnsmasq.d/20-b.conf', 'etc/hosts.dhcp']) // prettier-ignore
    expect(found.statements.flatMap(({ set }) => (set.is === 'boot-file' ? set.text : []))).toEqual(['b.0', 'main.0'])
    expect(found.reservations[0]).toMatchObject({ address: '10.0.0.41', source: { file: 'etc/hosts.dhcp', line: 2 } })
    expect(found.notUnderstood.map(({ file, line, text }) => [file, line, text])).toEqual([
      ['etc/dnsmasq.d/10-a.conf', 2, 'nonsense=1'],
      ['etc/dnsmasq.conf', 3, 'read-ethers'],
      ['etc/dnsmasq.conf', 4, 'dhcp-optsdir=/etc/opts'],
    ])
    expect(found.absent).toEqual([{ name: '/etc/ethers', isFolder: false }, { name: '/etc/opts', isFolder: true }]) // prettier-ignore
    // As a browser gives them, without folders.
    const bare = [main, ...others].map(({ name, text }) => file(name.replace(/^.*\//, ''), text))
    expect(readConfigurations(bare).configurations[0]?.files).toEqual(['dnsmasq.conf', '10-a.conf', '20-b.conf', 'hosts.dhcp']) // prettier-ignore
  })

  test('ethers: an address or a name behind each MAC address', () => {
    const text = 'dhcp-range=10.0.0.10,10.0.0.20,255.255.255.0\nread-ethers'
    const found = readConfiguration(file('a', text), [file('ethers', '02:00:5e:20:00:01 10.0.0.41\nhost a')])!
    expect(found.reservations).toMatchObject([{ who: '02:00:5e:20:00:01', address: '10.0.0.41' }])
    expect(found.notUnderstood).toMatchObject([{ file: 'ethers', line: 2 }])
  })
})

describe('a range of dnsmasq without a netmask', () => {
  const range = 'interface=lan0\ndhcp-range=10.20.1.10,10.20.1.99,12h\ndhcp-boot=a.0'
  const router = 'interface Vlan20\n ip address 10.20.0.1 255.255.254.0\n ip helper-address 10.99.0.5\n'
  const networks = (...files: SourceFile[]): readonly string[] => readConfigurations(files).configurations.flatMap(({ engine, subnets }) => (engine === 'dnsmasq' ? subnets.map(({ network }) => network) : [])) // prettier-ignore
  const untold = (files: readonly SourceFile[], here?: Parameters<typeof readConfigurations>[1]): readonly string[] =>
    readConfigurations(files, here)
      .configurations.flatMap(({ notUnderstood }) => notUnderstood)
      .flatMap(({ text, why }) => (text.startsWith('dhcp-range') ? inEnglish(why) : []))

  test('has that of its network where another file tells it, in either order', () => {
    const files = [file('dnsmasq.conf', range), file('router.cfg', router)]
    expect(networks(...files)).toEqual(['10.20.0.0/23'])
    expect(networks(...files.toReversed())).toEqual(['10.20.0.0/23'])
    expect(untold(files)).toEqual([])
  })

  test('has that of the interface of this machine that it names', () => {
    const here = (names: readonly string[]): string[] =>
      names.includes('lan0') ? ['10.20.1.7/25', '192.168.7.1/24'] : []
    expect(readConfigurations([file('d', range)], here).configurations[0]?.subnets[0]?.network).toBe('10.20.1.0/25')
    expect(untold([file('d', range)], here)).toEqual([])
    expect(untold([file('d', range.replace('lan0', 'lan1'))], here)).toHaveLength(1)
  })

  test('else is told what is missing, with what is taken', () => {
    expect(untold([file('d', range)])).toEqual([expect.stringMatching(/no netmask: .*\/24 is assumed here\. Write the netmask after the last address, or read .*router/)]) // prettier-ignore
    // A network that holds half of it is not its own.
    expect(untold([file('d', range), file('r', router.replace('10.20.0.1 255.255.254.0', '10.20.1.1 255.255.255.192'))])).toHaveLength(1) // prettier-ignore
  })
})

describe('files beside the one that was named', () => {
  let folder = ''
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-included-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, text: string): SourceFile => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return file(path, text)
  }

  test('are found by the end of the name they are included by, and what they include too', async () => {
    const main = write('site/dhcpd.conf', 'include "/etc/dhcp/a.conf";\ninclude "b.conf";\ninclude "/etc/none.conf";\nauthoritative;') // prettier-ignore
    write('site/dhcp/a.conf', 'include "/etc/dhcp/more/c.conf";')
    write('site/b.conf', 'max-lease-time 1;')
    write('site/more/c.conf', 'default-lease-time 700;')
    const names = (await withIncluded([main])).map(({ name }) => name.slice(folder.length + 1))
    expect(names).toEqual(['site/dhcpd.conf', 'site/dhcp/a.conf', 'site/b.conf', 'site/more/c.conf'])
  })

  test('are never those of another folder, by dots or by a link', async () => {
    const main = write('site/dnsmasq.conf', 'conf-file=../secret.conf\nconf-dir=/etc/linked\nconf-file=link.conf\ndhcp-authoritative') // prettier-ignore
    write('secret.conf', 'dhcp-boot=secret.0')
    symlinkSync('../secret.conf', join(folder, 'site/link.conf'))
    symlinkSync('..', join(folder, 'site/linked'))
    expect((await withIncluded([main])).map(({ name }) => name)).toEqual([main.name])
  })

  test('of a folder are all of its files, and a file that was given by hand is not read twice', async () => {
    const main = write('dnsmasq.conf', 'conf-dir=/etc/dnsmasq.d\ndhcp-authoritative')
    const given = write('dnsmasq.d/a.conf', 'dhcp-boot=a.0')
    write('dnsmasq.d/b.conf', 'dhcp-boot=b.0')
    const names = async (files: SourceFile[]): Promise<string[]> => (await withIncluded(files)).map(({ name }) => name.slice(folder.length + 1)) // prettier-ignore
    expect(await names([main])).toEqual(['dnsmasq.conf', 'dnsmasq.d/a.conf', 'dnsmasq.d/b.conf'])
    expect(await names([main, given])).toEqual(['dnsmasq.conf', 'dnsmasq.d/a.conf'])
  })
})
