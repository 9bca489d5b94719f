/** The forms a log can have, and what becomes an entry in each. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EntryReader } from '#shared/logs/entries.ts'
import type { LogEntry } from '#shared/logs/entry.ts'
import { LogClock, localTimeText } from '#shared/logs/log-time.ts'
import { rolledSets, NoTextError, TextPieces } from '#shared/logs/text-pieces.ts'
import { tagged } from '../helpers/told-log.ts'

function entriesOf(...pieces: readonly string[]): LogEntry[] {
  const found: LogEntry[] = []
  const reader = new EntryReader('a.log', (entry) => found.push(entry))
  for (const piece of pieces) reader.push(piece)
  reader.end()
  return found
}

const short = ({ line, component, level, text, isCut }: LogEntry): unknown[] => [line, component, level, text, ...(isCut ? ['cut'] : [])] // prettier-ignore
const read = (text: string): unknown[] => entriesOf(text).map(short)

describe('CMTrace', () => {
  test('entries of one row and of several, several in a row, with and without tags', () => {
    expect(read(`${tagged('one')}${tagged('two\nrows', 'SMSPXE', 2)}${tagged('three', 'TSManager', 3)}<![LOG[four]LOG]!><time="1" component="A"><![LOG[five]LOG]!>\n`)).toEqual([
      [1, 'SMSPXE', 'info', 'one'],
      [2, 'SMSPXE', 'warning', 'two\nrows'],
      [4, 'TSManager', 'error', 'three'],
      [5, 'A', undefined, 'four'],
      [5, undefined, undefined, 'five'],
    ]) // prettier-ignore
  })

  test('its end in a text is text; what begins or ends in the middle is told as cut', () => {
    expect(read('<![LOG[a]LOG]!> and more]LOG]!><time="1" component="B">\n')).toEqual([[1, 'B', undefined, 'a]LOG]!> and more']]) // prettier-ignore
    expect(read(`end of one]LOG]!><time="1" component="B" type="3">\n${tagged('whole')}<![LOG[no end\nat all`)).toEqual(
      [
        [1, 'B', 'error', 'end of one', 'cut'],
        [2, 'SMSPXE', 'info', 'whole'],
        [3, undefined, undefined, 'no end\nat all', 'cut'],
      ],
    )
    expect(read(`<![LOG[lost its end\n${tagged('next')}`)).toEqual([
      [1, undefined, undefined, 'lost its end', 'cut'],
      [2, 'SMSPXE', 'info', 'next'],
    ])
  })

  test('times with their distance to UTC', () => {
    const [entry] = entriesOf(tagged('one', 'SMSPXE', 1, 61))
    expect([localTimeText(entry!.localMs!), entry!.biasMinutes, entry!.thread]).toEqual(['2026-11-24 09:01:01.123', -60, '1']) // prettier-ignore
  })

  test('with dollar signs, and copied with tabs or blanks: what has no columns belongs to the next that has', () => {
    expect(read('Failed.\nAn error (Error: 80092002; Source: Windows)  $$<SMSPXE><11-24-2026 09:00:00.000+000><thread=4711 (0x1267)>\n')).toEqual([[1, 'SMSPXE', undefined, 'Failed.\nAn error (Error: 80092002; Source: Windows)']]) // prettier-ignore
    expect(read('first\nsecond\tSMSPXE\t25/03/2026 15:24:02\t7136 (0x1BE0)\nRequest retry. SMSPXE 5/1/2019 5:49:51 PM 4872 (0x1308)\n')).toEqual([
      [1, 'SMSPXE', undefined, 'first\nsecond'],
      [3, 'SMSPXE', undefined, 'Request retry.'],
    ]) // prettier-ignore
    expect(read('ConfigurePXESMS_DISTRIBUTION_MANAGER04/09/2014 11:30:263776 (0x0EC0)  \n')).toEqual([[1, 'SMS_DISTRIBUTION_MANAGER', undefined, 'ConfigurePXE']]) // prettier-ignore
  })
})

test('Windows Setup, with lines that go on', () => {
  expect(read('2026-01-31 12:00:00, Error                 MOUPG  told\r\n   more of it\r\n2026-01-31 12:00:01, Info       [0x0803e5] MIG    fine\r\n27:08, Error           SP     short\n2026-01-31 12:00:02, Error                        none\n')).toEqual([
    [1, 'MOUPG', 'error', 'told\n   more of it'],
    [3, 'MIG', 'info', 'fine'],
    [4, 'SP', 'error', 'short'],
    [5, 'Setup', 'error', 'none'],
  ]) // prettier-ignore
})

test('installers, traces, lines with a time, and the components that posts write', () => {
  expect(
    read('[66C][Thu 09/04/2014 11:30:28]:CcmInstallPXE\n<09-04-2014 11:30:28> Setup\n[2416] 16:01:36: [WDSTFTP][UDP] Registration Failed (rc=2)\n2026-11-24 09:00:00 SMSPXE    said\n> TSMBootstrap    quoted\nPxeGetPxeData failed with 0x80004005 TSPxe\nplain\n'),
  ).toEqual([
    [1, 'SMSDPPROV', undefined, 'CcmInstallPXE'],
    [2, 'PXESetup', undefined, 'Setup'],
    [3, 'WDSTFTP', undefined, '[UDP] Registration Failed (rc=2)'],
    [4, 'SMSPXE', undefined, 'said'],
    [5, 'TSMBootstrap', undefined, 'quoted'],
    [6, 'TSPxe', undefined, 'PxeGetPxeData failed with 0x80004005'],
    [7, undefined, undefined, 'plain'],
  ]) // prettier-ignore
})

describe('Windows events', () => {
  const told = (text: string): unknown[] => entriesOf(text).map(({ component, id, level, text: said }) => [component, id, level, said]) // prettier-ignore
  const expected = [
    ['WDSPXE', 259, 'error', 'It failed.\n\nError Information: 0x5'],
    ['WDSServer', 257, 'warning', 'It stopped.'],
  ]

  test('of the Event Viewer, in English and in German', () => {
    expect(told('Log Name:      Application\nSource:        WDSPXE\nDate:          11/24/2026 9:00:00 AM\nEvent ID:      259\nTask Category: WDSPXE\nLevel:         Error\nKeywords:      Classic\nUser:          N/A\nComputer:      dp1\nDescription:\nIt failed.\n\nError Information: 0x5\nLog Name:      Application\nSource:        WDSServer\nEvent ID:      257\nLevel:         Warning\nDescription:\nIt stopped.\n')).toEqual(expected) // prettier-ignore
    expect(told('Protokollname: Application\nQuelle:        WDSPXE\nDatum:         24.11.2026 09:00:00\nEreignis-ID:   259\nEbene:         Fehler\nBeschreibung:\nEs ging nicht.\n')).toEqual([['WDSPXE', 259, 'error', 'Es ging nicht.']]) // prettier-ignore
    expect(told('Event Type: Error\nEvent Source: BINLSVC\nEvent Category: BINLSVC\nEvent ID: 1803\nDescription: An error.\nError Information: 0x51\n')).toEqual([['BINLSVC', 1803, 'error', 'An error.\nError Information: 0x51']]) // prettier-ignore
  })

  test('of wevtutil, as text and as XML', () => {
    expect(told('Event[0]:\n  Log Name: Application\n  Source: WDSPXE\n  Date: 2026-11-24T09:00:00.000\n  Event ID: 259\n  Level: Error\n  Opcode: Info\n  Description: \nIt failed.\n\nError Information: 0x5\n\nEvent[1]:\n  Log Name: Application\n  Source: WDSServer\n  Event ID: 257\n  Level: Warning\n  Description: \nIt stopped.\n')).toEqual(expected) // prettier-ignore
    const xml = (source: string, id: number, level: number, rest: string): string => `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${source}'/><EventID Qualifiers='49415'>${id}</EventID><Level>${level}</Level><TimeCreated SystemTime='2026-11-24T09:00:00.000000000Z'/></System>${rest}</Event>` // prettier-ignore
    expect(told(`${xml('WDSPXE', 259, 2, '<EventData><Data>C:\\a&amp;b.dll</Data><Data>SMSPXE</Data></EventData>')}\n${xml('WDSServer', 257, 3, '<RenderingInfo Culture="en-US"><Message>It stopped.</Message></RenderingInfo>')}\n`)).toEqual([
      ['WDSPXE', 259, 'error', 'C:\\a&b.dll\nSMSPXE'],
      ['WDSServer', 257, 'warning', 'It stopped.'],
    ]) // prettier-ignore
  })

  test('of Get-WinEvent, as a list and as a table; and with source and number in front', () => {
    expect(told('\nTimeCreated  : 24.11.2026 09:00:00\nProviderName : WDSPXE\nId           : 259\nMessage      : It failed.\n               \n               Error Information: 0x5\n\nTimeCreated  : 24.11.2026 09:00:01\nProviderName : WDSServer\nId           : 257\nMessage      : It stopped.\n').map((one) => (one as unknown[]).toSpliced(2, 1))).toEqual(expected.map((one) => one.toSpliced(2, 1))) // prettier-ignore
    expect(told('\n   ProviderName: WDSPXE\n\nTimeCreated                     Id LevelDisplayName Message\n-----------                     -- ---------------- -------\n11/24/2026 9:00:00 AM          259 Error            It failed...\n')).toEqual([['WDSPXE', 259, 'error', 'It failed...']]) // prettier-ignore
    expect(told('WDSServer 513 An error occurred\nWDSTFTP 4101: The Following Client failed\n')).toEqual([
      ['WDSServer', 513, undefined, 'An error occurred'],
      ['WDSTFTP', 4101, undefined, 'The Following Client failed'],
    ])
  })
})

test('events as Event Viewer saves them, as text and as CSV, and as Get-EventLog lists them', () => {
  const gist = (text: string): unknown => entriesOf(text).filter((one) => one.id !== undefined).map((one) => [one.component, one.id, one.level, one.text]) // prettier-ignore
  const told = [['WDSPXE', 259, 'error', 'It failed.'], ['WDSServer', 257, 'info', '']] // prettier-ignore
  expect(gist('Level\tDate and Time\tSource\tEvent ID\tTask Category\nError\t11/24/2026 9:00:00 AM\tWDSPXE\t259\tWDSPXE\tIt failed.\nInformation\t11/24/2026 9:00:00 AM\tWDSServer\t257\tNone\n')).toEqual(told) // prettier-ignore
  expect(gist('Level,Date and Time,Source,Event ID,Task Category\nError,24.11.2026 09:00:00,WDSPXE,259,WDSPXE,"It failed.\n\nError Information: 0x7E"\n')).toEqual([['WDSPXE', 259, 'error', 'It failed.\n\nError Information: 0x7E']]) // prettier-ignore
  expect(gist('   Index Time          EntryType   Source     InstanceID Message\n    1234 Nov 24 09:00  Error       WDSPXE     3221225731 It failed.\n')).toEqual([['WDSPXE', 259, 'error', 'It failed.']]) // prettier-ignore
})

test('screens: file, status and words are one thing', () => {
  expect(read('File: \\Boot\\BCD\nStatus: 0xc000000f\nInfo: It is missing.\nStatus: 0xc0000098\nPXE-E53: No boot filename received\n')).toEqual([
    [1, 'Boot manager', undefined, 'File: \\Boot\\BCD\nStatus: 0xc000000f\nInfo: It is missing.'],
    [4, 'Boot manager', undefined, 'Status: 0xc0000098'],
    [5, undefined, undefined, 'PXE-E53: No boot filename received'],
  ]) // prettier-ignore
})

test.each([
  ['11-24-2026 09:00:01.123-060', '2026-11-24 09:00:01.123', -60],
  ['24.11.2026 09:00:01', '2026-11-24 09:00:01.000', undefined],
  ['25/03/2026 15:24:02', '2026-03-25 15:24:02.000', undefined],
  ['5/1/2019 5:49:51 PM', '2019-05-01 17:49:51.000', undefined],
  ['Thu 09/04/2014 12:30:28 AM', '2014-09-04 00:30:28.000', undefined],
  ['2026-11-24T09:00:00.5Z', '2026-11-24 09:00:00.500', 0],
  ['2026-11-24 09:00:00+01:00', '2026-11-24 09:00:00.000', -60],
])('the time %s', (text, local, bias) => {
  const time = new LogClock().read(text)!
  expect([localTimeText(time.localMs), time.biasMinutes]).toEqual([local, bias])
})

test('where day and month cannot be told apart, the file does', () => {
  const clock = new LogClock()
  const month = (text: string): string => localTimeText(clock.read(text)!.localMs).slice(0, 10)
  expect([month('03/04/2026 10:00:00'), month('25/04/2026 10:00:00'), month('03/04/2026 10:00:00')]).toEqual([
    '2026-03-04',
    '2026-04-25',
    '2026-04-03',
  ])
})

const forms = [
  tagged('one\nand more', 'SMSPXE', 3),
  'text  $$<SMSPXE><11-24-2026 09:00:00.000+000><thread=4711 (0x1267)>\n',
  'text\tSMSPXE\t25/03/2026 15:24:02\t7136 (0x1BE0)\n',
  '2026-01-31 12:00:00, Error                 MOUPG  told\n',
  'Log Name:      Application\nSource:        WDSPXE\nEvent ID:      259\nDescription:\nIt failed.\n',
  "<Event><System><Provider Name='WDSPXE'/><EventID>259</EventID></System></Event>\n",
  'File: \\Boot\\BCD\nStatus: 0xc000000f\n',
  '\n',
  'plain\n',
]

test('how a text is cut into pieces changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...forms), { maxLength: 12 }), fc.array(fc.nat(2000), { maxLength: 6 }), (parts, cuts) => {
      const text = parts.join('')
      const places = [0, ...cuts.filter((at) => at < text.length).sort((a, b) => a - b), text.length]
      const pieces = places.slice(1).map((to, index) => text.slice(places[index], to))
      expect(entriesOf(...pieces)).toEqual(entriesOf(text))
    }),
  ) // prettier-ignore
})

test('encodings: UTF-16 with and without a mark, UTF-8, and lines of ANSI in it', () => {
  const decoded = (bytes: Uint8Array, size: number): string => {
    let text = ''
    const pieces = new TextPieces((encoding, options) => new TextDecoder(encoding, options), (piece) => (text += piece)) // prettier-ignore
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
    pieces.end()
    return text
  }
  const text = 'Gerät 1\r\nzweite Zeile: ü\r\n'
  const wide = Buffer.from(text, 'utf16le')
  for (const size of [64, 8, 1000]) {
    expect(decoded(Buffer.from(text), size)).toBe(text)
    expect(decoded(wide, size)).toBe(text)
    expect(decoded(Buffer.from(wide).swap16(), size)).toBe(text)
    expect(decoded(Buffer.concat([Buffer.from([0xff, 0xfe]), wide]), size)).toBe(text)
    expect(decoded(Buffer.from(text, 'latin1'), size)).toBe(text)
  }
  expect(() => decoded(Buffer.from('ElfFile\0\0\0'), 100)).toThrow(NoTextError)
  expect(() => decoded(Buffer.from(Array.from({ length: 200 }, (_, at) => at % 7)), 300)).toThrow('is not a text file')
  // Each byte as often as any other, as in what is compressed or encrypted.
  const even = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + (at >> 8) * 13) & 255))
  expect(() => decoded(even, 4096)).toThrow('is not a text file')
})

test('what a crash, PowerShell, a blog or a narrow blank make of a log is read', () => {
  const decoded = (bytes: Uint8Array, size = bytes.length): string => {
    let text = ''
    const pieces = new TextPieces((encoding, options) => new TextDecoder(encoding, options), (piece) => (text += piece)) // prettier-ignore
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
    pieces.end()
    return text
  }
  const line = tagged('Failed')
  const zeros = Buffer.alloc(600)
  for (const parts of [[zeros, Buffer.from(line)], [Buffer.from(line), zeros], [Buffer.from(line), zeros, Buffer.from(line)]])
    expect(decoded(Buffer.concat(parts))).toBe(parts.filter((one) => one !== zeros).map(String).join('')) // prettier-ignore
  expect(decoded(Buffer.concat([Buffer.from(line.repeat(3)), Buffer.from(line, 'utf16le')]))).toBe(line.repeat(4))
  // A pipe that hands over single octets.
  expect(decoded(Buffer.from(line, 'utf16le'), 1)).toBe(line)
  expect(() => decoded(zeros)).toThrow('only zero bytes')
  for (const [start, message] of [['\u00d4\u00c3\u00b2\u00a1\u0002\0', 'pxe-lab explain'], ['MSCF\0', 'CAB archive'], ['%PDF-1.7', 'PDF']] as const)
    expect(() => decoded(Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(40, 1)]))).toThrow(message) // prettier-ignore
  const gist = (text: string): unknown => entriesOf(text).map((one) => [one.component, one.level, one.localMs !== undefined]) // prettier-ignore
  expect(gist('<![LOG[x]LOG]!><time=”09:00:01.123+060″ date=”11-24-2026″ component=”TSManager” type=”3″>\n')).toEqual([['TSManager', 'error', true]]) // prettier-ignore
  expect(gist('x\tTSManager\t11/24/2026 9:00:01\u202fAM\t7 (0x0007)\n')).toEqual([['TSManager', undefined, true]])
  expect(gist(`> ${tagged('x', 'TSManager')}> ${tagged('y', 'TSManager')}`)).toHaveLength(2)
})

test('an event that is cut off swallows nothing of another form', () => {
  const cut = "<Events><Event><System><Provider Name='WDSPXE'/><EventID>259</EventID></System>\n"
  expect(entriesOf(cut + tagged('x', 'TSManager') + tagged('y', 'TSManager')).map((one) => one.component)).toEqual(['WDSPXE', 'TSManager', 'TSManager']) // prettier-ignore
})

test.each(['11-31-2026 09:00:00', '02-29-2026 09:00:00', '11-24-2026 25:00:00', '11-24-2026 09:61:00'])(
  '%s is no time',
  (text) => {
    // prettier-ignore
    expect(new LogClock().read(text)).toBeUndefined()
  },
)

test('rolled files are one log, the oldest first', () => {
  expect(rolledSets(['C:\\a\\SMSPXE.log', '/b/smsts.log', 'C:\\a\\SMSPXE.lo_', '/b/smsts-20261124-080000.log', '/b/smsts-20261123-080000.log', 'c.txt'], (one) => one)).toEqual([
    ['C:\\a\\SMSPXE.lo_', 'C:\\a\\SMSPXE.log'],
    ['/b/smsts-20261123-080000.log', '/b/smsts-20261124-080000.log', '/b/smsts.log'],
    ['c.txt'],
  ]) // prettier-ignore
})
