/** The responder under Windows Node: two interfaces, leases, TFTP, HTTP, uploads, and names that only Windows misreads. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { hostileWindowsNames } from '../helpers/hostile-names.ts'
import { eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describeWith([...windowsNeeds, 'root', 'ip', 'dhclient', 'curl'], 'the responder on Windows', () => {
  const network = new Network()
  const folder = new LabFolder()
  const large = randomBytes(3_000_001)
  let here: string
  let first: string
  let second: string
  let windows: Windows
  let responder: Running
  const uploads = join(folder.root, 'uploads')

  beforeAll(async () => {
    ;({ here, there: first } = network.wire())
    second = network.namespace('d')
    network.cable({ in: here, name: 'srv1', addresses: ['10.78.0.1/24'] }, { in: second, name: 'cli1' })
    windows = new Windows({ namespace: here })
    folder
      .write({
        interface: ['10.77.0.1', '10.78.0.1'],
        mode: 'dhcp',
        allowOtherServers: true,
        dhcp: {
          subnets: [
            { subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.9' }] },
            { subnet: '10.78.0.0/24', pools: [{ start: '10.78.0.100', end: '10.78.0.109' }] },
          ],
        },
        boot: { programs: [{ file: 'large.bin' }] },
        tftp: { upload: './uploads' },
        http: { enabled: true },
      })
      .put('large.bin', large)
      .put('file.txt', 'inside')
      .put('grub/file.txt', 'inside')
      .put('a rather long name.efi', 'inside')
    mkdirSync(uploads)
    for (const place of [folder.root, windows.drive]) writeFileSync(join(place, 'secret'), 'secret')
    symlinkSync(join(folder.root, 'secret'), join(folder.root, 'boot/link'))
    symlinkSync(folder.root, join(folder.root, 'boot/up'))
    responder = await startResponder(network, here, folder, {}, windows.node)
  })
  afterAll(async () => {
    await windows.close()
    await network.close()
    folder.remove()
  })

  test('gives each interface addresses of its own subnet, and remembers them', async () => {
    expect(eventsOf(responder)[0]!['ports']).toHaveLength(8)
    expect(await dhclient(network, second, 'cli1', folder.root)).toMatch(/DHCPACK of 10\.78\.0\.10\d from 10\.78\.0\.1/)
    expect(await dhclient(network, first, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.\d from 10\.77\.0\.1/)
    const database = new DatabaseSync(join(folder.root, 'state/leases.sqlite'))
    const kept = database.prepare("SELECT address FROM lease WHERE state = 'bound' ORDER BY address").all()
    database.close()
    expect(kept.map((one) => formatIpv4(Number(one['address'])))).toEqual([
      expect.stringMatching(/^10\.77\.1\.\d$/),
      expect.stringMatching(/^10\.78\.0\.10\d$/),
    ])
  })

  test.each([
    ['TFTP in blocks of 1468', ['--tftp-blksize', '1468', 'tftp://10.77.0.1/LARGE.BIN']],
    ['TFTP by a name with backslashes', ['tftp://10.77.0.1/%5Clarge.bin']],
    ['HTTP', ['http://10.77.0.1/large.bin']],
  ])('a file arrives whole by %s', async (_name, values) => {
    const got = join(folder.root, 'got')
    expect(await network.exec(first, 'curl', ['-sS', '-o', got, ...values])).toMatchObject({ code: 0 })
    expect(sha256(readFileSync(got))).toBe(sha256(large))
  })

  test('takes an upload', async () => {
    const since = responder.mark()
    writeFileSync(join(folder.root, 'log.txt'), large.subarray(0, 100_000))
    const sent = await network.exec(first, 'curl', [
      '-sS',
      '-T',
      join(folder.root, 'log.txt'),
      'tftp://10.77.0.1/log.txt',
    ])
    expect(sent).toMatchObject({ code: 0 })
    await since.sees(/"type":"transfer-ended"[^\n]*"kind":"write"/)
    expect(sha256(readFileSync(join(uploads, 'log.txt')))).toBe(sha256(large.subarray(0, 100_000)))
  })

  test('no name that Windows reads in its own way leads outside, reads a device or makes a file', async () => {
    const names = join(folder.root, 'names.json')
    const list = (): string[] =>
      ['.', 'boot', 'boot/grub', 'uploads'].flatMap((place) =>
        readdirSync(join(folder.root, place)).map((one) => `${place}/${one}`),
      )
    // The short form of a long name, and links that lead out, which a person may have made.
    const more = ['ARATHE~1.EFI', 'ARAT~1.EFI', 'link', 'up\\secret', 'UP/lab.yaml', 'up/boot/file.txt']
    writeFileSync(names, JSON.stringify({ read: [...hostileWindowsNames, ...more], write: hostileWindowsNames }))
    const before = list()
    const asked = await network.exec(first, process.execPath, [fileURLToPath(new URL('../helpers/ask-by-name.ts', import.meta.url)), '10.77.0.1', names], 100) // prettier-ignore
    expect(asked).toMatchObject({ code: 0 })
    const { read, write } = JSON.parse(asked.stdout) as Record<'read' | 'write', { name: string; tftp: string; http: string }[]> // prettier-ignore
    expect([read.length, write.length]).toEqual([hostileWindowsNames.length + more.length, hostileWindowsNames.length])
    for (const { name, tftp, http } of read) {
      const isInside = /~1|^up\/boot/i.test(name)
      expect(tftp, JSON.stringify(name)).toMatch(isInside ? /^error \d|^data: inside$/ : /^error \d/)
      expect(http, JSON.stringify(name)).toMatch(isInside ? /^40[034]: $|^200: inside$/ : /^40[034]: /)
    }
    for (const { name, tftp } of write) expect(tftp, JSON.stringify(name)).toMatch(/^error \d/)
    const after = list()
    expect(after.filter((one) => !before.includes(one)).sort()).toEqual([])
    expect(readFileSync(join(folder.root, 'boot/file.txt'), 'utf8')).toBe('inside')
    expect(readFileSync(join(folder.root, 'secret'), 'utf8')).toBe('secret')
    expect(readFileSync(join(windows.drive, 'secret'), 'utf8')).toBe('secret')
    expect(existsSync('/secret')).toBe(false)
    // And it still answers.
    expect(await network.exec(first, 'curl', ['-sS', 'tftp://10.77.0.1/grub/file.txt'])).toMatchObject({ code: 0, stdout: 'inside' })
  }, 150_000) // prettier-ignore
})
