import { say } from '#messages/message.ts'
/** Programs that run after the firmware, one at a time: what they ask for, when, and what stands on the screen. */
import { describe, expect, test } from 'vitest'
import { bytesOfU16, bytesOfU32, concatBytes, encodeText, formatHex } from '#shared/wire/bytes.ts'
import { fieldText, findOptionData, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { writeBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import { bcdImage, runBootManager } from '#shared/machines/pxe-client/programs/boot-manager.ts'
import { runGrub } from '#shared/machines/pxe-client/programs/grub.ts'
import { configurationNames, runPxelinux } from '#shared/machines/pxe-client/programs/pxelinux.ts'
import { runPxeboot, runWdsmgfw, runWdsnbp } from '#shared/machines/pxe-client/programs/wds.ts'
import { programIn } from '#shared/machines/pxe-client/program-image.ts'
import { ip } from '../helpers/dhcp.ts'
import { runAlone, serverAddress, type AskedDhcp, type World } from '../helpers/boot-program-bench.ts'

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index & 255)
const blank = { ...programIn(new Uint8Array(0), ''), loads: [] as readonly string[] }

describe('the dialogue of WDS', () => {
  /** An ACK with option 250 of these sub-options: 2 action, 3 interval, 4 repetitions, 5 number, 6 message, 9 server, 11 prompt. */
  const ack = (sub: Readonly<Record<number, Uint8Array>>, file = 'next.efi', type = 5): Partial<DhcpMessage> => ({
    file: fieldText(file, 128)!,
    options: [
      { code: 53, data: Uint8Array.of(type) },
      {
        code: 250,
        data: concatBytes([
          ...Object.entries(sub).flatMap(([code, data]) => [Uint8Array.of(Number(code), data.length), data]),
          Uint8Array.of(255),
        ]),
      },
    ],
  })
  const one = (value: number): Uint8Array => Uint8Array.of(value)
  const go = ack({ 11: one(2) })
  const next = { 'next.efi': bytes(3000) }
  const run = (dhcp: World['dhcp'], world: World = {}, program = runWdsmgfw) =>
    runAlone(program, { files: next, ...world, ...(dhcp ? { dhcp } : {}) })

  test.each([
    ['uefi', 7, 9, 4011],
    ['uefi', 9, 9, 4011],
    ['uefi', 6, 6, 4011],
    ['uefi', 11, 11, 4011],
    ['bios', 0, 9, 68],
  ] as const)('%s %i names processor %i and asks from port %i', (platform, architecture, cpu, port) => {
    const { dhcp } = run(() => go, { context: { platform, architecture } })
    const [{ message, ...asked }] = dhcp as [AskedDhcp]
    expect(asked).toEqual({ atMs: 0, sourcePort: port, server: serverAddress })
    expect(message).toMatchObject({ ciaddr: ip('10.0.0.50'), secs: 0, flags: 0 })
    const data = (code: number): string => formatHex(findOptionData(message, code)!)
    expect(data(250)).toBe(`0c01010d02080001020${(0).toString(16)}${cpu.toString(16).padStart(2, '0')}`.concat('0e0101050400000000ff')) // prettier-ignore
    expect([data(53), data(93), data(60), data(97)]).toEqual([
      '03',
      `00${architecture.toString(16).padStart(2, '0')}`,
      formatHex(encodeText('PXEClient')),
      `00${'11'.repeat(16)}`,
    ])
    expect([...findOptionData(message, 55)!]).toEqual([3, 1, 60, 128, 129, 130, 131, 132, 133, 134, 135])
  })

  test('is asked for four times, and then given up', () => {
    const { dhcp, seconds, screen, end } = run(() => undefined)
    expect(dhcp.map(({ atMs, message }) => [atMs, message.secs])).toEqual([[0, 0], [1000, 1], [3000, 2], [6000, 3]]) // prettier-ignore
    expect(seconds).toBe(10)
    expect(screen.at(-1)).toBe('TFTP download failed.')
    expect(end).toMatchObject({ state: 'failed', because: '10.0.0.1 did not answer the request with option 250 on port 4011' }) // prettier-ignore
  })

  test('is an ACK, and nothing else', () => {
    let turn = 0
    expect(run(() => ack({ 11: one(2) }, 'next.efi', ++turn === 1 ? 2 : 5)).dhcp).toHaveLength(2)
  })

  test('an answer without option 250 names the program all the same', () => {
    expect(run(() => ({ ...go, options: [{ code: 53, data: one(5) }] })).ran).toEqual(['next.efi 3000'])
  })

  test('approval: waits as long as it is told, says the number and the message once, and repeats the number', () => {
    let turn = 0
    const { dhcp, screen, ran, seconds } = run(() =>
      ++turn < 3
        ? ack({ 2: one(1), 3: bytesOfU16(300), 4: bytesOfU16(9), 5: bytesOfU32(70_000), 6: encodeText('Call 42') })
        : go,
    )
    expect(dhcp.map(({ atMs }) => atMs)).toEqual([0, 300_000, 600_000])
    expect(dhcp.map(({ message }) => formatHex(findOptionData(message, 250)!).slice(-10))).toEqual([
      '00000000ff',
      '00011170ff',
      '00011170ff',
    ])
    expect(screen.filter((line) => /^(Pending|Call)/.test(line))).toEqual(['Pending Request ID: 70000', 'Call 42'])
    expect({ ran, seconds }).toEqual({ ran: ['next.efi 3000'], seconds: 600 })
  })

  test.each([
    // What is not told is ten seconds and 2160 times: six hours.
    [{ 2: one(1) }, 2161, 21_600],
    [{ 2: one(1), 3: bytesOfU16(1), 4: bytesOfU16(2) }, 3, 2],
    [{ 2: one(1), 3: bytesOfU16(2), 4: bytesOfU16(0) }, 1, 0],
  ])('nobody approves: %o', (sub, requests, seconds) => {
    const told = run(() => ack(sub))
    expect([told.dhcp.length, told.seconds]).toEqual([requests, seconds])
    expect(told.screen.at(-1)).toBe('PXE Boot aborted. Booting to next device...')
    expect(told.screen.filter((line) => line.startsWith('Pending'))).toEqual(['Pending Request ID: 0'])
    expect(told.end).toMatchObject({ state: 'failed', because: 'nobody approved the request' })
  })

  test('a referral sends it to another server, which it asks the same; an abort ends it', () => {
    const told = run(({ server }) =>
      ack(server === serverAddress ? { 2: one(3), 9: bytesOfU32(ip('10.0.0.9')) } : { 2: one(5) }),
    )
    expect(told.dhcp.map(({ server }) => server)).toEqual([serverAddress, ip('10.0.0.9')])
    expect(told.screen.slice(-2)).toEqual([
      'Contacting Server: 10.0.0.9.',
      'PXE Boot aborted. Booting to next device...',
    ])
    expect(told).toMatchObject({ end: 'returned', ran: [], reads: [] })
  })

  test.each([
    ['optIn', 1, true, ['1.5 next.efi'], 'Press ENTER for network boot service.'],
    ['optIn', 1, false, [], 'Press ENTER for network boot service.'],
    ['noPrompt', 2, false, ['0 next.efi'], 'Contacting Server...'],
    ['optOut', 3, false, ['0 next.efi'], 'Contacting Server...'],
  ] as const)('prompt %s (%i), key pressed: %s', (_, prompt, pressesKey, reads, line) => {
    const told = run(() => ack({ 11: one(prompt) }), { habits: { pressesKey } })
    expect(told.reads.map((read) => read.replace(/read "(.*)".*/, '$1'))).toEqual(reads)
    expect(told.screen.at(-1)).toBe(line)
    expect(told.end).toBe('returned')
    expect(told.seconds).toBe(pressesKey ? 1.5 : prompt === 1 ? 10 : 0)
  })

  test.each([
    ['an error', [1, 'no'] as const, 'PXE-T01: File not found', 'next.efi did not come: no', 0],
    ['silence', undefined, 'TFTP download failed.', 'next.efi did not come: the request was not answered', 15],
  ])('the program does not come: %s', (_, file, line, because, seconds) => {
    const told = run(() => go, { files: file ? { 'next.efi': file } : {} })
    expect(told.end).toMatchObject({ state: 'failed', line, because })
    expect([told.screen.at(-1), told.seconds]).toEqual([line, seconds])
    expect(told.reads[0]).toBe('0 read "next.efi" octet tsize=0 blksize=1456 from 31024')
  })

  test('wdsnbp.com says what it does, and asks from port 68', () => {
    const told = run(() => go, { context: { platform: 'bios', architecture: 0 } }, runWdsnbp)
    expect(told.screen).toEqual([
      'Downloaded WDSNBP...',
      '',
      'Architecture: x64',
      'Contacting Server: 10.0.0.1.',
      'TFTP Download: next.efi',
    ])
    expect(told.ran).toEqual(['next.efi 3000'])
    expect(run(() => ack({ 2: one(5) }), {}, runWdsnbp)).toMatchObject({ end: 'returned', ran: [] })
  })

  test.each([
    ['boot\\x64\\pxeboot.com', true, ['1.5 boot\\x64\\bootmgr.exe'], 1.5],
    ['boot\\x64\\pxeboot.com', false, [], 10],
    ['boot/x64/pxeboot.N12', false, ['0 boot/x64/bootmgr.exe'], 0],
    ['pxeboot.n12', false, ['0 bootmgr.exe'], 0],
  ])('%s, key pressed: %s', (file, pressesKey, reads, seconds) => {
    const name = reads[0]?.slice(reads[0].indexOf(' ') + 1) ?? ''
    const told = runAlone(runPxeboot, { context: { file }, habits: { pressesKey }, files: { [name]: bytes(10) } })
    expect(told.reads.map((read) => read.replace(/read "(.*)".*/, '$1').replaceAll('\\\\', '\\'))).toEqual(reads)
    expect(told.seconds).toBe(seconds)
    expect(told.ran).toEqual(reads.length > 0 ? [`${name} 10`] : [])
    expect(told.screen).toEqual([
      ...(/n12/i.test(file) ? [] : ['Press F12 for network service boot']),
      ...(reads.length > 0 ? [] : ['PXE Boot aborted. Booting to next device...']),
    ])
  })
})

describe('the boot manager', () => {
  const [sdi, wim, font] = ['\\Boot\\boot.sdi', '\\Boot\\x64\\Images\\boot.wim', '\\Boot\\Fonts\\wgl4_boot.ttf']
  const bcd = { sdi: '\\my.sdi', wim: '\\my.wim', blockSize: 4096, windowSize: 8 }
  const reads = (files: World['files'], options: DhcpMessage['options'] = []) => {
    const told = runAlone(runBootManager, {
      files: { [font]: bytes(10), ...files },
      context: { reply: { op: 2, options } as unknown as DhcpMessage },
    })
    return { ...told, names: told.reads.map((line) => /read "(.*?)" octet (.*) from/.exec(line)!.slice(1).join(' ')) }
  }
  const whole = { [bcd.sdi]: bytes(9000), [bcd.wim]: bytes(40_000) }

  test.each<[string, World['files'], DhcpMessage['options'], string[]]>([
    ['blocks and window of its configuration', { '\\Boot\\BCD': bcdImage(bcd), ...whole }, [], ['\\Boot\\BCD tsize=0 blksize=1456', `${font} tsize=0 blksize=1456`, '\\my.sdi tsize=0 blksize=4096 windowsize=8', '\\my.wim tsize=0 blksize=4096 windowsize=8']],
    ['a store as a file', { '\\Boot\\BCD': writeBootConfiguration({ entries: [{ title: 'x', image: bcd.wim }], sdi: bcd.sdi, firmware: 'uefi', blockSize: 4096, windowSize: 8, timeoutSeconds: 0 }), ...whole }, [], ['\\Boot\\BCD tsize=0 blksize=1456', `${font} tsize=0 blksize=1456`, '\\my.sdi tsize=0 blksize=4096 windowsize=8', '\\my.wim tsize=0 blksize=4096 windowsize=8']],
    ['no window of one block', { '\\Boot\\BCD': bcdImage({ ...bcd, windowSize: 1 }), ...whole }, [], ['\\Boot\\BCD tsize=0 blksize=1456', `${font} tsize=0 blksize=1456`, '\\my.sdi tsize=0 blksize=4096', '\\my.wim tsize=0 blksize=4096']],
    ['a window of two', { '\\Boot\\BCD': bcdImage({ ...bcd, windowSize: 2 }), ...whole }, [], ['\\Boot\\BCD tsize=0 blksize=1456', `${font} tsize=0 blksize=1456`, '\\my.sdi tsize=0 blksize=4096 windowsize=2', '\\my.wim tsize=0 blksize=4096 windowsize=2']],
    ['a store that cannot be read: its defaults', { '\\Boot\\BCD': bytes(100), [sdi]: bytes(1), [wim]: bytes(1) }, [], ['\\Boot\\BCD tsize=0 blksize=1456', `${font} tsize=0 blksize=1456`, `${sdi} tsize=0 blksize=1456 windowsize=4`, `${wim} tsize=0 blksize=1456 windowsize=4`]],
    ['the store of option 252', { '\\Tmp\\x.bcd': bcdImage(bcd), ...whole }, [{ code: 252, data: encodeText('\\Tmp\\x.bcd\0') }], ['\\Tmp\\x.bcd tsize=0 blksize=1456', `${font} tsize=0 blksize=1456`, '\\my.sdi tsize=0 blksize=4096 windowsize=8', '\\my.wim tsize=0 blksize=4096 windowsize=8']],
    ['an option 252 of nothing', { '\\Boot\\BCD': bcdImage(bcd), ...whole }, [{ code: 252, data: new Uint8Array(0) }], ['\\Boot\\BCD tsize=0 blksize=1456', `${font} tsize=0 blksize=1456`, '\\my.sdi tsize=0 blksize=4096 windowsize=8', '\\my.wim tsize=0 blksize=4096 windowsize=8']],
  ])('%s', (_, files, options, names) => {
    const told = reads(files, options)
    expect(told.names.map((name) => name.replaceAll('\\\\', '\\'))).toEqual(names)
    expect(told.end).toMatchObject({ state: 'booted' })
    expect(told.screen).toEqual(['Starting Windows'])
  }) // prettier-ignore

  test.each<[string, World['files'], string, string, RegExp, number]>([
    ['no store', {}, '0xc000000f', '\\Boot\\BCD', /^the boot configuration data .* the request was not answered$/, 15],
    ['a store that is refused', { '\\Boot\\BCD': [2, 'denied'] }, '0xc000000f', '\\Boot\\BCD', /denied$/, 0],
    ['no entry', { '\\Boot\\BCD': bcdImage({ ...bcd, wim: '' }) }, '0xc0000098', '\\Boot\\BCD', /no entry for this architecture$/, 0],
    ['a file that is refused', { '\\Boot\\BCD': bcdImage(bcd), '\\my.sdi': [1, 'none'] }, '0xc000000f', '\\my.sdi', /did not come: none$/, 0],
    ['a file that does not come', { '\\Boot\\BCD': bcdImage(bcd), '\\my.sdi': bytes(1) }, '0xc0000001', '\\my.wim', /stopped after 0 bytes: the request was not answered$/, 15],
  ])('%s: the status on its screen', (_, files, status, file, because, seconds) => {
    const told = reads(files)
    expect(told.end).toMatchObject({ state: 'failed', code: status, line: `Status: ${status}`, because: expect.stringMatching(because) as unknown }) // prettier-ignore
    expect(told.screen[0]).toBe('Windows Boot Manager')
    expect(told.screen).toEqual(expect.arrayContaining([`    File: ${file}`, `    Status: ${status}`]))
    expect(told.screen.at(-1)).toMatch(/^ {4}Info: .{20,}\.$/)
    expect(told.seconds).toBe(seconds)
  }) // prettier-ignore

  test('a font that is missing does no harm', () => {
    expect(reads({ '\\Boot\\BCD': bcdImage(bcd), ...whole, [font]: [1, 'none'] }).end).toMatchObject({
      state: 'booted',
    })
  })
})

describe('GRUB', () => {
  const grub = (world: World, description: Partial<typeof blank> = {}) =>
    runAlone((client, context) => runGrub(client, context, { ...blank, ...description }), world)
  const noServer = { context: { ack: { siaddr: 0, options: [] } as unknown as DhcpMessage } }

  test('asks from its fixed port, 1024 bytes at a time, what its ACK names', () => {
    const told = grub({ files: { a: bytes(3000), b: bytes(1) } }, { loads: ['a', 'b'], prints: ['hello'], afterwards: ['done'] }) // prettier-ignore
    expect(told.reads).toEqual([
      '0.2 read "a" octet blksize=1024 tsize=0 from 25300',
      '0.2 read "b" octet blksize=1024 tsize=0 from 25300',
    ])
    expect(told.screen).toEqual(['Welcome to GRUB!', '', 'hello', 'done'])
    expect(told.end).toMatchObject({ state: 'booted', because: say('pxe-client.grub-runs', { count: 2 }) })
    expect(grub({}).end).toMatchObject({ because: say('pxe-client.grub-runs', { count: 0 }) })
  })

  test.each([
    ['an error', { files: { a: [1, 'none'] as const } }, "error: file `a' not found.", 0.2],
    ['silence', {}, "error: timeout reading `a'.", 12.8],
    ['no server', noServer, 'error: no server is specified.', 0.2],
  ])('%s', (_, world, line, seconds) => {
    const told = grub(world, { loads: ['a'] })
    expect(told.screen).toContain(line)
    expect(told.end).toMatchObject({ state: 'failed', line })
    expect(told.seconds).toBe(seconds)
  })

  test('without a server asks DHCP itself, if it was built so', () => {
    const offer = (type: number): Partial<DhcpMessage> => ({
      yiaddr: ip('10.0.0.77'),
      siaddr: serverAddress,
      options: [{ code: 53, data: Uint8Array.of(type) }, { code: 54, data: bytesOfU32(ip('10.0.0.8')) }],
    }) // prettier-ignore
    const told = grub(
      { ...noServer, files: { a: bytes(1) }, dhcp: ({ message, atMs }) => (atMs < 400 ? undefined : offer(findOptionData(message, 53)![0] === 1 ? 2 : 5)) },
      { loads: ['a'], asksDhcp: true },
    ) // prettier-ignore
    // Its clock in milliseconds, the low 16 bits, the same for the whole exchange: no seconds since it began.
    expect(told.dhcp.map(({ atMs, message }) => [atMs, findOptionData(message, 53)![0], message.secs, message.flags])).toEqual([
      [200, 1, 200, 0],
      [400, 1, 200, 0],
      [800, 3, 200, 0],
    ]) // prettier-ignore
    expect(formatHex(findOptionData(told.dhcp[2]!.message, 50)!)).toBe('0a00004d')
    expect(formatHex(findOptionData(told.dhcp[2]!.message, 54)!)).toBe('0a000008')
    expect(told.reads).toEqual(['1 read "a" octet blksize=1024 tsize=0 from 25300'])
    const alone = grub(noServer, { loads: ['a'], asksDhcp: true })
    expect(alone.dhcp.map(({ atMs }) => atMs)).toEqual([200, 400, 800, 1600])
    expect(alone.seconds).toBe(3.2)
  })

  test('a server built into it stands over the ACK', () => {
    const { reads } = grub({}, { loads: ['a'], server: '10.0.0.99' })
    expect(reads[0]).toBe('0.2 read "a" octet blksize=1024 tsize=0 from 25300 at 10.0.0.99')
  })
})

describe('PXELINUX', () => {
  const pxelinux = (files: Readonly<Record<string, string>>, file = 'boot/pxelinux.0') =>
    runAlone((client, context) => runPxelinux(client, context, blank), {
      context: { file, platform: 'bios' },
      files: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, encodeText(text)])),
    })
  const names = (reads: readonly string[]): string[] => reads.map((line) => /read "(.*?)"/.exec(line)![1]!)

  test('names of its configuration, the most special first', () => {
    expect(configurationNames(Uint8Array.of(0x52, 0x54, 0, 0, 0, 0xaa), ip('10.0.0.50'))).toEqual([
      '01-52-54-00-00-00-aa', '0A000032', '0A00003', '0A0000', '0A000', '0A00', '0A0', '0A', '0', 'default',
    ]) // prettier-ignore
  })

  test('each file from a port of its own, in the folder it came from', () => {
    const told = pxelinux({
      'boot/ldlinux.c32': 'x',
      'boot/pxelinux.cfg/01-52-54-00-00-00-aa': 'say Hello\ndefault b\ninclude more.cfg\nlabel a\n kernel nothing\n',
      'boot/more.cfg': 'label b\r\n LINUX vmlinuz\r\n append quiet\r\n initrd one.img,two.img',
      'boot/vmlinuz': 'x',
      'boot/one.img': 'x',
      'boot/two.img': 'x',
    })
    expect(names(told.reads)).toEqual([
      'boot/ldlinux.c32', 'boot/pxelinux.cfg/01-52-54-00-00-00-aa', 'boot/more.cfg', 'boot/vmlinuz', 'boot/one.img', 'boot/two.img',
    ]) // prettier-ignore
    expect(told.reads.map((line) => Number(line.split(' ').at(-1)))).toEqual([49_152, 49_153, 49_154, 49_155, 49_156, 49_157]) // prettier-ignore
    expect(told.reads[0]).toContain(' tsize=0 blksize=1408 ')
    expect(told.screen.slice(-4)).toEqual(['Hello', 'Loading vmlinuz... ok', 'Loading one.img... ok', 'Loading two.img... ok']) // prettier-ignore
    expect(told.end).toMatchObject({
      state: 'booted',
      because: say('pxe-client.pxelinux-started', { kernel: 'vmlinuz' }),
    })
    expect(told.seconds).toBe(0.045)
  })

  test.each([
    ['no module', {}, 'Failed to load ldlinux.c32', 'failed'],
    ['no label', { 'ldlinux.c32': 'x', 'pxelinux.cfg/01-52-54-00-00-00-aa': 'prompt 1' }, 'boot:', 'booted'],
    ['a label without a kernel', { 'ldlinux.c32': 'x', 'pxelinux.cfg/01-52-54-00-00-00-aa': 'label a' }, 'boot:', 'booted'],
    ['no kernel', { 'ldlinux.c32': 'x', 'pxelinux.cfg/01-52-54-00-00-00-aa': 'label a\nkernel k' }, 'boot:', 'failed'],
  ])('%s', (_, files, line, state) => {
    const told = pxelinux(files, 'pxelinux.0')
    expect(told.screen.at(-1)).toBe(line)
    expect(told.end).toMatchObject({ state })
  }) // prettier-ignore

  test('no configuration: every name was asked for', () => {
    const told = pxelinux({ 'ldlinux.c32': 'x' }, 'pxelinux.0')
    expect(names(told.reads).filter((name) => name.includes('cfg/'))).toHaveLength(10 * 5)
    expect(told.screen.at(-1)).toBe('ERROR: No configuration file found')
    expect(told.seconds).toBeCloseTo(0.045 + 10 * 15.5)
  })
})
