/** Stories: what becomes of each machine, whatever stands around its lines; and what went well is told as that. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LogReading, readLog as read, type LogReport } from '#shared/logs/reading.ts'
import type { StoryReport } from '#shared/logs/story.ts'
import { tagged } from '../helpers/told-log.ts'
import { spoken, type Spoken } from '../helpers/spoken.ts'

const readLog = (...given: Parameters<typeof read>) => spoken(read(...given))

const guid = '11111111-2222-3333-4444-555555555555'
const lookup = (item: number, more = 'Unknown="0"'): string => `Client lookup reply: <ClientIDReply><Identification ${more} ItemKey="${item}" ServerName=""><Machine><ClientID/><NetbiosName/></Machine></Identification></ClientIDReply>\n` // prettier-ignore
const packet = (mac: string, kind: 'Request' | 'Reply', type: string, file = ''): string =>
  ` Operation: Boot${kind} (${kind === 'Request' ? 1 : 2})  Addr type: 1 Addr Len: 6 Hop Count: 0 ID: 0001E240\n Sec Since Boot: 0 Client IP: 000.000.000.000 Your IP: 000.000.000.000 Server IP: 010.005.000.089 Relay Agent IP: 000.000.000.000\n Addr: ${mac.toLowerCase()}:\n${file === '' ? '' : ` BootFile: ${file}\n`} Magic Cookie: 63538263\n Options:\n  Type=53 Msg Type: ${type}\n  Type=60 ClassId: PXEClient`

/** What SMSPXE.log says of one request, by how it ends. Lines without the machine's name are part of it, as they are there. */
const stories = {
  'known-no-deployment': (mac: string) => [[lookup(16_780_001)], ['MP_LookupDevice succeeded: 16780001 1 16780001 1 0'], [`${mac}, ${guid}: device is in the database.`], [`${mac}, ${guid}: no advertisements found`], [`${mac}, ${guid}: No boot action. Aborted.`], [`${mac}, ${guid}: Not serviced.`]],
  'unknown-no-deployment': (mac: string) => [[lookup(0, 'Unknown="1"')], [`${mac}, ${guid}: device is not in the database.`], ['Getting boot action for unknown machine: item key: 2046820353'], [`Client boot action reply: <ClientIDReply><Identification Unknown="0" ItemKey="2046820353" ServerName=""></Identification><PXEBootAction OfferID="" BootImageID=""/></ClientIDReply>`], [`${mac}, ${guid}: no advertisements found`], [`${mac}, ${guid}: Not serviced.`]],
  'unknown-off': (mac: string) => [[lookup(0, 'Unknown="1"')], [`${mac}, ${guid}: device is not in the database.`], [`${mac}, ${guid}: Not serviced.`]],
  duplicate: (mac: string) => [[lookup(0, 'Unknown="0" DuplicateSMBIOS="1" DuplicateMACAddress="1"')], [`${mac}, ${guid}: Device MAC address and SMBIOS GUID belong to more than one device. The device will not be serviced.`, 3], ['MP has rejected the device: duplicate SMBIOS GUID and MAC address', 3]],
  'image-missing': (mac: string) => [[lookup(16_780_001)], [`${mac}, ${guid}: device is in the database.`], [`${mac}, ${guid}: found optional advertisement P0120001`], ['Looking for bootImage P0100005'], ['PXE::CBootImageCache::FindImage: Boot image P0100005 not found', 3], ['Warning: Matching Processor Architecture Boot Image (0) not found', 2], [`${mac}, ${guid}: Could not find an available image BootImageID=P0100005`, 3], ['The SMS PXE Service Point does not have a boot image matching the processor architecture of the PXE booting device.', 3]],
  good: (mac: string) => [['============> Received from client:'], [packet(mac, 'Request', '3=Request')], ['Prioritizing local MP http://mp1.corp.example.'], ['Not in SSL'], [lookup(16_780_001)], [`${mac}, ${guid}: device is in the database.`], [`${mac}, ${guid}: found optional advertisement P0120001`], ['Looking for bootImage P0100005'], [packet(mac, 'Reply', '5=Ask', 'smsboot\\x64\\wdsmgfw.efi')]],
  open: (mac: string) => [['============> Received from client:'], [packet(mac, 'Request', '3=Request')]],
} as const satisfies Record<string, (mac: string) => readonly (readonly [string, number?])[]> // prettier-ignore
type Ending = keyof typeof stories
const endings = Object.keys(stories) as Ending[]

const linesOf = (ending: Ending, mac: string, thread: string): string[] =>
  stories[ending](mac).map(([text, type]) => tagged(text, 'SMSPXE', type ?? 1, 0, thread))
const macOf = (index: number): string => `52:54:00:AA:BB:${index.toString(16).toUpperCase().padStart(2, '0')}`
const machine = (report: Spoken<LogReport>, mac: string): Spoken<StoryReport> | undefined => report.stories.find((one) => one.mac === mac) // prettier-ignore
/** What is told of a machine, without the places of its lines. */
const gist = (story: Spoken<StoryReport> | undefined): unknown => story && { outcome: story.outcome, requests: story.requests, entries: story.entries, failures: story.failures.map((one) => [one.id, one.title, one.count, one.isOvercome]) } // prettier-ignore
const alone = (lines: readonly string[], mac: string): unknown => gist(machine(readLog(lines.join('')), mac))

test.each(endings)('a request that ends so: %s', (ending) => {
  const story = machine(readLog(linesOf(ending, macOf(1), '7').join('')), macOf(1))!
  expect(story.guid ?? guid).toBe(guid)
  expect([story.outcome, story.failures.map((one) => one.id)]).toEqual(
    ending === 'good' || ending === 'open' ? [ending, []] : ['failed', [ending]],
  )
  expect(story.strange).toEqual([])
})

const noise = ['PXE::CPolicyProvider::InitializePerformanceCounters failed; 0x80070002', 'Found new image P0100009', 'Failed to get information for MP: http://mp9.corp.example. 80072ee2.', 'Certificate [Thumbprint 00AA] issued to \'dp1\' has expired.', 'Odd thing 0x80dd1234'] // prettier-ignore
const requests = fc.array(fc.record({ ending: fc.constantFrom(...endings), thread: fc.nat(3) }), { minLength: 1, maxLength: 6 }) // prettier-ignore

describe('a machine and the lines of others', () => {
  test('its outcome is that of its own lines, however requests and the provider are interleaved', () => {
    fc.assert(
      fc.property(requests, fc.array(fc.nat(50)), fc.array(fc.constantFrom(...noise), { maxLength: 4 }), (wanted, turns, others) => {
        const own = wanted.map(({ ending, thread }, index) => linesOf(ending, macOf(index), String(thread)))
        // A thread serves one request after the other; threads go on side by side.
        const threads = new Map<number, string[]>()
        for (const [index, { thread }] of wanted.entries()) threads.set(thread, [...(threads.get(thread) ?? []), ...own[index]!])
        const queues = [...threads.values(), others.map((text) => tagged(text, 'SMSPXE', 3, 0, '99'))]
        const log: string[] = []
        for (let turn = 0; queues.some((queue) => queue.length > 0); turn++) {
          const left = queues.filter((queue) => queue.length > 0)
          log.push(left[(turns[turn % Math.max(1, turns.length)] ?? turn) % left.length]!.shift()!)
        }
        const report = readLog(log.join(''))
        for (const [index, lines] of own.entries()) expect(gist(machine(report, macOf(index)))).toEqual(alone(lines, macOf(index)))
      }),
    ) // prettier-ignore
  })

  test('cut behind any entry, and rolled at any place, each machine is told by what is left of its own', () => {
    fc.assert(
      fc.property(requests, fc.nat(), (wanted, place) => {
        const log = wanted.flatMap(({ ending }, index) => linesOf(ending, macOf(index), String(index)).map((line) => ({ line, index }))) // prettier-ignore
        const cut = place % (log.length + 1)
        const kept = log.slice(0, cut)
        const rolled = new LogReading()
        rolled.begin('SMSPXE.lo_')
        rolled.push(kept.slice(0, cut >> 1).map((one) => one.line).join('')) // prettier-ignore
        rolled.begin('SMSPXE.log')
        rolled.push(kept.slice(cut >> 1).map((one) => one.line).join('')) // prettier-ignore
        const report = spoken(rolled.end())
        for (const index of wanted.keys()) {
          const own = kept.filter((one) => one.index === index).map((one) => one.line)
          expect(gist(machine(report, macOf(index)))).toEqual(alone(own, macOf(index)))
        }
      }),
    )
  })

  test('cut anywhere, nothing is told as failed that no line says', () => {
    const whole = linesOf('good', macOf(1), '1').join('')
    fc.assert(
      fc.property(fc.nat(whole.length), (at) => {
        expect(readLog(whole.slice(0, at)).outcome).not.toBe('failed')
        expect(readLog(whole.slice(at)).outcome).not.toBe('failed')
      }),
    )
  })

  test('a machine that is served at last has overcome what failed before', () => {
    const log = [...linesOf('known-no-deployment', macOf(1), '1'), ...linesOf('good', macOf(1), '2')].join('')
    const report = readLog(log)
    expect([report.outcome, machine(report, macOf(1))!.failures.map((one) => [one.id, one.isOvercome])]).toEqual(['good', [['known-no-deployment', true]]]) // prettier-ignore
    const again = readLog(log + linesOf('known-no-deployment', macOf(1), '3').join(''))
    expect([again.outcome, machine(again, macOf(1))!.failures.map((one) => [one.id, one.isOvercome])]).toEqual(['failed', [['known-no-deployment', false]]]) // prettier-ignore
  })
})

type Line = readonly [component: string, text: string, type?: number]
const client = (...lines: readonly Line[]): string => lines.map(([component, text, type], at) => tagged(text, component, type ?? 1, at)).join('') // prettier-ignore

describe('task sequences', () => {
  const start = [['TSBootShell', 'Booted from network (PXE)'], ['TSPxe', 'Successfully downloaded pxe variable file.']] as const // prettier-ignore
  const done = ['TSManager', 'Task Sequence Engine succeeded! Code: enExecutionSuccess'] as const

  test('one that ends well went well, with errors on its way that stopped nothing', () => {
    const report = readLog(client(...start, ['TSManager', 'odd thing 0x80dd1234', 3], ['DownloadContent', 'sending failed with 0x80072ee2', 3], ['TSManager', 'Successfully completed the action (Apply Driver) with the exit win32 code 0'], done)) // prettier-ignore
    expect(report.outcome).toBe('good')
    expect(report.stories[0]!.failures.map((one) => [one.id, one.isOvercome])).toEqual([['server-timeout', true]])
    expect(report.stories[0]!.strange).toEqual([])
  })

  test('a step that may fail does not fail it; one that may not does, once with its chain', () => {
    const step = 'Failed to run the action: Install BIOS. Incorrect function. (Error: 00000001; Source: Windows)'
    const ignored = ['TSManager', 'The execution engine ignored the failure of the action (Install BIOS) and continues execution'] as const // prettier-ignore
    expect(readLog(client(...start, ['TSManager', step, 3], ignored, done)).outcome).toBe('good')
    const failed = readLog(client(...start, ['TSManager', step, 3], ['TSManager', 'Failed to run the last action: Install BIOS. Execution of task sequence failed.', 3], ['TSManager', 'Task Sequence Engine failed! Code: enExecutionFail', 3])) // prettier-ignore
    expect(failed.stories[0]!.failures.map((one) => [one.id, one.title, one.count])).toEqual([['step', 'Step "Install BIOS" failed: Incorrect function. (Error: 00000001; Source: Windows)', 3]]) // prettier-ignore
  })

  test('a request that is answered at last has overcome what failed before it', () => {
    const asked = ['TSMBootstrap', 'Error. Received 0x80072ee7 from WinHttpSendRequest.', 3] as const
    expect(readLog(client(...start, asked, ['TSMBootstrap', 'Request was successful.'])).outcome).toBe('open')
    expect(readLog(client(...start, ['TSMBootstrap', 'Request was successful.'], asked)).outcome).toBe('failed')
  })

  test('the end tells what is not known, and with which lines', () => {
    const report = readLog(client(...start, ['TSManager', 'The frobnicator failed (0x80dd1234)', 3]))
    expect([report.outcome, report.stories[0]!.strange.map((one) => one.text)]).toEqual(['unknown', ['The frobnicator failed (0x80dd1234)']]) // prettier-ignore
    expect(readLog(client(...start)).outcome).toBe('open')
  })
})

test('the provider: a new run closes what failed in the one before, an answered lookup overcomes it', () => {
  const loaded = tagged('================= PXE Provider loaded. =====================')
  const down = tagged('Failed to get information for MP: http://mp1.corp.example. 80072ee2.', 'SMSPXE', 3)
  const sent = tagged('Failed to send status message (80004005)', 'SMSPXE', 3)
  const ids = (log: string): unknown[] => readLog(log).stories.flatMap((one) => one.failures.map(({ id, count, isOvercome }) => [id, count, isOvercome])) // prettier-ignore
  expect(ids(loaded + down + sent)).toEqual([['mp-timeout', 2, false]])
  expect(ids(loaded + sent + down)).toEqual([['mp-timeout', 2, false]])
  expect(ids(down + loaded + sent)).toEqual([['mp-timeout', 1, false], ['mp-talk', 1, false]]) // prettier-ignore
  expect(ids(down + tagged('MP_LookupDevice succeeded: 16780001 1 16780001 1 0') + tagged(`${macOf(1)}, ${guid}: device is in the database.`))).toEqual([['mp-timeout', 1, true]]) // prettier-ignore
})

test('a required deployment that ran before is told as that, and not as none', () => {
  const reply = (last: string, mandatory: string): string[] => [`Client lookup reply: <ClientIDReply><Identification Unknown="0" ItemKey="16780001" ServerName=""></Identification></ClientIDReply>\n`, `Client boot action reply: <ClientIDReply><PXEBootAction LastPXEAdvertisementID="${last}" LastPXEAdvertisementTime="" OfferID="P0120001" OfferIDTime="" BootImageID="P0100005" Mandatory="${mandatory}"/></ClientIDReply>`, `${macOf(1)}, ${guid}: no advertisements found`, `${macOf(1)}, ${guid}: Not serviced.`] // prettier-ignore
  const ids = (...texts: readonly string[]): unknown => machine(readLog(texts.map((text) => tagged(text)).join('')), macOf(1))!.failures.map((one) => one.id) // prettier-ignore
  expect(ids(...reply('P0120001', '1'))).toEqual(['already-ran'])
  expect(ids(...reply('P0120001', '1').toSpliced(2, 1))).toEqual(['already-ran'])
  expect(ids(...reply('P0120009', '1'))).toEqual(['known-no-deployment'])
  expect(ids(...reply('P0120001', '0'))).toEqual(['known-no-deployment'])
})

test('the same code means what its log says', () => {
  const ids = (component: string, text: string): unknown[] => readLog(tagged(text, component, 3)).stories.flatMap((one) => [one.outcome, ...one.failures.map(({ id }) => id)]) // prettier-ignore
  expect(ids('SMSPXE', 'PXE::MP_LookupDevice failed; 0x80070490')).toEqual(['failed', 'mp-talk'])
  expect(ids('OSDDiskPart', 'Unable to find the system disk. 0x80070490')).toEqual(['failed', 'no-disk'])
  expect(ids('CreateTsMedia', 'CreateTsMedia failed with error 0x80070490, details=""')).toEqual(['failed', 'feature-update-media']) // prettier-ignore
  expect(ids('TSManager', 'Lookup failed, hr=0x80070490')).toEqual(['unknown'])
  expect(ids('SMSPXE', 'Failed to get information for MP: http://mp1. 80072ee7.')).toEqual(['failed', 'mp-name'])
  expect(ids('TSMBootstrap', 'sending with winhttp failed; 80072ee7')).toEqual(['failed', 'name'])
})

test('what a task sequence needs and no distribution point has is told once, with its consequences', () => {
  const log = tagged('Failed to resolve PackageID=P0100044', 'TSPxe', 3) + tagged('Failed to resolve selected task sequence dependencies. Code(0x80040104)', 'TSPxe', 3) + tagged('ThreadToResolveAndExecuteTaskSequence failed. Code(0x80040104)', 'TSPxe', 3) // prettier-ignore
  const [story] = readLog(log).stories
  expect(story!.strange).toEqual([])
  expect(story!.failures.map(({ id, title, count }) => [id, title, count])).toEqual([
    ['content', 'Package P0100044 is on no distribution point that this machine can use', 3],
  ])
})

test('what failed in two steps, each of which then ended well, is overcome in both', () => {
  const failed = ['DownloadContent', 'sending failed with 0x80072ee2', 3] as const
  const done = (step: string) => ['TSManager', `Successfully completed the action (${step}) with the exit win32 code 0`] as const // prettier-ignore
  const ids = (...lines: readonly Line[]): unknown => readLog(client(...lines)).stories[0]!.failures.map((one) => [one.id, one.isOvercome]) // prettier-ignore
  expect(ids(failed, done('One'), failed, done('Two'))).toEqual([['server-timeout', true]])
  expect(ids(failed, done('One'), failed)).toEqual([['server-timeout', false]])
})

test('a program that ended with a code is not yet a task sequence that failed', () => {
  const exited = ['TSManager', 'Process completed with exit code 2147942402'] as const
  const ids = (...lines: readonly Line[]): unknown => readLog(client(...lines)).stories[0]!.failures.map((one) => one.id) // prettier-ignore
  expect(ids(exited)).toEqual(['program-exit'])
  expect(ids(exited, ['TSManager', 'Task Sequence Engine failed! Code: enExecutionFail', 3])).toEqual(['sequence-failed']) // prettier-ignore
})

describe('a step that failed', () => {
  const line = (text: string, type = 1): string => tagged(text, 'TSManager', type, 0, '1')
  const failed = line('Failed to run the action: Install Office. Fatal error during installation. (Error: 80070643; Source: Windows)', 3) // prettier-ignore
  const done = (step: string): string => line(`Successfully completed the action (${step}) with the exit win32 code 0`)
  const end = line('Task Sequence Engine succeeded! Execution History')
  const told = (...entries: string[]): unknown => {
    const { outcome, stories } = readLog(`${entries.join('\n')}\n`)
    return [outcome, stories[0]!.failures.map((one) => one.isOvercome)]
  }

  test('stays failed when another step or the whole sequence ends well', () => {
    expect(told(failed, done('Install Reader'), end)).toEqual(['failed', [false]])
  })

  test('is overcome when it is run again, and when it is set to continue', () => {
    expect(told(failed, done('Install Office'), end)).toEqual(['good', [true]])
    const ignored = line('The execution engine ignored the failure of the action (Install Office) and continues execution', 2) // prettier-ignore
    expect(told(failed, ignored, done('Install Reader'), end)).toEqual(['good', [true]])
  })
})
