/** What is noted beside the packets, for each event that a lab tells: nothing where the packets say it all. */
import { expect, test } from 'vitest'
import type { UntimedEvent } from '#shared/contract/events.ts'
import { noteOf, sizeOf, type Observed } from '../../src/main/responder/observed.ts'

const mac = '52:54:00:00:00:01'
const client = { mac, boot: 'uefi' }
const transfer = { id: 't1', client: '10.0.0.9', file: 'a.efi', bytes: 5, size: 5 }
const note = (event: object) => noteOf(event as UntimedEvent)
const about = (kind: string, reason: string, address = '') => ({
  kind,
  mac: address === '' ? mac : '',
  address,
  reason,
})

test('a client that is not answered is noted with the reason, unless it awaits no answer', () => {
  expect(note({ type: 'dhcp-ignored', client, reason: 'another server was chosen', awaitsNoAnswer: false })).toEqual(about('not-answered', 'another server was chosen')) // prettier-ignore
  expect(note({ type: 'dhcp-ignored', client, reason: 'x', awaitsNoAnswer: true })).toBeUndefined()
})

test.each(['proxy-ignored', 'boot-server-ignored', 'wds-ignored'])('%s: it is not booted, and why', (type) => {
  expect(note({ type, client, reason: 'no rule' })).toEqual(about('not-booted', 'no rule'))
})

test('an offer is noted where a machine that boots is offered no program', () => {
  const offered = (more: object) => note({ type: 'dhcp-offered', client, hasMenu: false, boot: undefined, ...more })
  const none = { file: '', reason: 'no rule names a program' }
  expect(offered({ boot: none })).toEqual(about('not-booted', none.reason))
  expect(offered({ boot: { reason: 'r' } })).toEqual(about('not-booted', 'r'))
  expect(offered({ boot: { file: 'a.efi', reason: 'r' } })).toBeUndefined()
  expect(offered({ boot: none, hasMenu: true })).toBeUndefined()
  expect(offered({ boot: none, client: { mac, boot: 'none' } })).toBeUndefined()
  expect(offered({})).toBeUndefined()
})

test('addresses that are refused or run out, answers that cannot be sent', () => {
  expect(note({ type: 'dhcp-refused', client, reason: 'it is another’s' })).toEqual(about('address-refused', 'it is another’s')) // prettier-ignore
  expect(note({ type: 'pool-exhausted', client, pools: ['10.0.0.1-10.0.0.2', '10.0.0.7-10.0.0.8'], subnet: '10.0.0.0/24' })).toEqual(
    about('no-address', 'the pool 10.0.0.1-10.0.0.2, 10.0.0.7-10.0.0.8 of 10.0.0.0/24 is exhausted'),
  ) // prettier-ignore
  expect(note({ type: 'answer-not-sent', client, to: '10.0.0.9:68', reason: 'ENETUNREACH' })).toEqual(about('not-sent', '10.0.0.9:68: ENETUNREACH')) // prettier-ignore
})

test('what an administrator has to decide, and has decided', () => {
  expect(note({ type: 'wds-pending', client, request: 3, isNew: true })).toEqual(about('waits-for-approval', 'pending request ID 3')) // prettier-ignore
  expect(note({ type: 'wds-refused', client, request: 4 })).toEqual(about('not-approved', 'request ID 4'))
})

test('a file that is refused or put off; without a name there is no file to tell of', () => {
  expect(note({ type: 'transfer-refused', client: '10.0.0.9', file: 'a.efi', reason: 'it is not there' })).toEqual(about('file-refused', 'it is not there: a.efi', '10.0.0.9')) // prettier-ignore
  expect(note({ type: 'transfer-refused', client: '10.0.0.9', file: '', reason: 'x' })).toBeUndefined()
  expect(note({ type: 'transfer-deferred', client: '10.0.0.9', reason: 'busy' })).toEqual({ kind: 'file-deferred', mac: '', address: '10.0.0.9', reason: 'busy' }) // prettier-ignore
})

test('a transfer that broke off is noted; one that was completed, or asked only for the size, is in the packets', () => {
  const ended = (outcome: string) => note({ type: 'transfer-ended', transfer, outcome, message: 'no answer' })
  expect(ended('completed')).toBeUndefined()
  expect(ended('size-probe')).toBeUndefined()
  for (const outcome of ['failed', 'timeout', 'aborted'])
    expect(ended(outcome)).toEqual({ kind: 'transfer-failed', mac: '', address: '10.0.0.9', reason: 'no answer: a.efi' }) // prettier-ignore
  expect(note({ type: 'warning', message: 'x' })).toBeUndefined()
})

test('a datagram weighs its bytes, a note its words and what is around them', () => {
  expect(sizeOf({ payload: new Uint8Array(7) } as Observed)).toBe(7)
  expect(sizeOf({ note: { reason: 'four' }, time: 1 } as Observed)).toBe(204)
})
