/** What stands as a problem, until what ends it; how many there are, and which of them are listed. */
import { expect, test } from 'vitest'
import type { Client, Complaint, LabState } from '#shared/contract/calls.ts'
import { describeEvent, type LabEvent } from '#shared/contract/events.ts'
import { ProblemBook } from '../../src/main/backend/problem-book.ts'

const lab: Pick<LabState, 'problems' | 'notices' | 'exists'> = { problems: [], notices: [], exists: true }
const nobody = { failed: () => [] }
const timed = (event: object): LabEvent => ({ time: 1, ...event }) as LabEvent
const book = (...events: object[]): ProblemBook => {
  const made = new ProblemBook()
  for (const event of events) made.hear(timed(event), 'dhcp')
  return made
}
const listed = (one: ProblemBook): { about: string; text: string; remedy: string }[] =>
  one.all({ complaints: [], lab, clients: nobody }).listed
const textOf = (event: object): string => describeEvent(timed(event)).text

const lost = { type: 'responder-lost', how: 'signal SIGKILL', restartsInMs: 250 }
const silent = { type: 'responder-silent', silentMs: 5000, giveUpMs: 30_000 }
const gone = (name: string) => ({ type: 'interface-lost', interface: name, address: '10.0.0.1' })
const back = (name: string) => ({ type: 'interface-back', interface: name, address: '10.0.0.1' })

test('a process that ended, or does not answer, stands once until it is back or answers', () => {
  expect(listed(book(lost))).toEqual([{ about: 'responder', text: textOf(lost), remedy: '' }])
  const given = { ...lost, restartsInMs: undefined }
  expect(listed(book(lost, given))).toEqual([
    { about: 'responder', text: textOf(given), remedy: 'Start it again, and report it with the log.' },
  ])
  expect(listed(book(silent))).toEqual([
    {
      about: 'responder',
      text: 'the responder has not answered for 5.0 s: machines get no answer; after 30.0 s it is ended and started again',
      remedy: 'See whether the disk of its state folder answers, and whether somebody stopped its process.',
    },
  ])
  expect(listed(book(silent, lost))).toHaveLength(1)
  expect(listed(book(lost, { type: 'responder-restarted', how: 'x', downMs: 1 }))).toEqual([])
  expect(listed(book(silent, { type: 'responder-answers', silentMs: 7000 }))).toEqual([])
})

test('an interface stands until that one is back; the others stay', () => {
  const two = book(gone('eth0'), gone('eth1'))
  two.hear(timed(back('eth0')), 'dhcp')
  expect(listed(two)).toEqual([
    { about: 'responder', text: textOf(gone('eth1')), remedy: 'Plug it in again, or serve another one.' },
  ])
  // Told again it is the newest.
  const again = book(gone('eth0'), gone('eth1'), gone('eth0'))
  expect(listed(again).map((one) => one.text)).toEqual([textOf(gone('eth1')), textOf(gone('eth0'))])
})

test('a hundred stand at most, the newest', () => {
  const many = book(...Array.from({ length: 100 }, (_, at) => gone(`eth${at}`)))
  expect(listed(many)[0]!.text).toBe(textOf(gone('eth0')))
  many.hear(timed(gone('eth100')), 'dhcp')
  const all = listed(many)
  expect(all).toHaveLength(100)
  expect([all[0]!.text, all[99]!.text]).toEqual([textOf(gone('eth1')), textOf(gone('eth100'))])
})

test('a new run forgets what was about the one before, but not the database that was set aside', () => {
  const aside = { type: 'lease-database-set-aside', movedTo: '/x', reason: 'it is damaged', path: '/y' }
  for (const type of ['ready', 'stopped']) {
    const one = book(gone('eth0'), lost, aside)
    one.hear(timed({ type, ports: [], reason: '' }), 'dhcp')
    expect(listed(one)).toEqual([{ about: 'responder', text: textOf(aside), remedy: '' }])
  }
})

test('other servers are a problem to one that gives addresses itself, and until a look finds none', () => {
  const found = { interface: 'eth0', server: '10.0.0.2', role: 'dhcp', offered: '10.0.0.9', vendorClass: '', bootFile: '', nextServer: '' } // prettier-ignore
  const others = (...servers: object[]) => ({ type: 'other-servers', servers, complaint: undefined })
  const one = book(others({ ...found, role: 'proxy-dhcp' }))
  expect(listed(one)).toEqual([])
  one.hear(timed(others({ ...found, role: 'proxy-dhcp' }, found)), 'dhcp')
  expect(listed(one)).toMatchObject([{ about: 'responder', remedy: 'Two DHCP servers on one wire race for every client: turn one off, or choose mode proxy-dhcp.' }]) // prettier-ignore
  one.hear(timed(others(found)), 'proxy-dhcp')
  expect(listed(one)).toEqual([])
})

test('complaints come first, then what stands, then the lab, then machines whose boot failed', () => {
  const complaint: Complaint = { message: 'port 67 is in use', remedy: 'End it.', about: 'port 67' }
  const notice = { level: 'warning', text: 'gone.efi is missing', remedy: 'Copy it.' }
  const harmless = { level: 'info', text: 'nothing much', remedy: '' }
  const client = { mac: '52:54:00:00:00:01', name: null, verdict: { headline: 'no offer', causes: ['a cable'] } }
  const named = { mac: '52:54:00:00:00:02', name: 'pc', verdict: { headline: 'no file', causes: [] } }
  const { count, listed: all } = book(gone('eth0')).all({
    complaints: [null, complaint],
    lab: {
      problems: [{ field: 'mode', message: 'is unknown', value: 'x', line: 1, column: 1, remedy: 'Write dhcp.' }],
      notices: [harmless, notice] as LabState['notices'],
      exists: true,
    },
    clients: { failed: () => [client, named] as unknown as Client[] as never },
  })
  expect(all).toEqual([
    { about: 'port 67', text: 'port 67 is in use', remedy: 'End it.' },
    expect.objectContaining({ about: 'responder' }),
    { about: 'lab', text: 'mode is unknown', remedy: 'Write dhcp.' },
    { about: 'lab', text: 'gone.efi is missing', remedy: 'Copy it.' },
    { about: client.mac, text: `${client.mac}: no offer`, remedy: 'a cable' },
    { about: named.mac, text: 'pc: no file', remedy: '' },
  ])
  expect(count).toBe(6)
})

test('a storm of failures is counted whole and listed in part', () => {
  const failed = (length: number) => ({
    failed: () => Array.from({ length }, (_, at) => ({ mac: `m${at}`, name: null, verdict: { headline: 'h', causes: [] } })) as never, // prettier-ignore
  })
  const counted = (length: number, one = new ProblemBook()) => {
    const { count, listed: all } = one.all({ complaints: [], lab, clients: failed(length) })
    return [count, all.length, all.at(-1)?.about]
  }
  expect(counted(100)).toEqual([100, 100, 'm99'])
  expect(counted(101)).toEqual([101, 100, 'm99'])
  expect(counted(250)).toEqual([250, 100, 'm99'])
  // What stands takes the place of the last machines, and is counted beside all of them.
  expect(counted(250, book(gone('eth0')))).toEqual([251, 100, 'm98'])
})
