/** Exports of Windows and configurations of switches and routers: what is read of each stands beside it as text. */
import { inEnglish } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { bootTable } from '#shared/interchange/boot-table.ts'
import type { Configuration } from '#shared/interchange/model.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { fixtureFiles, knownMac, readFixture } from '../helpers/import-engines.ts'
import { spoken } from '../helpers/spoken.ts'

const placed = (one: { readonly text: string; readonly source: { readonly line: number } } | undefined): string => (one ? `${one.text} (${one.source.line})` : '-') // prettier-ignore

/** Everything a reading says, line by line. */
function told(configuration: Configuration): string {
  const { engine, relays = [], snooping = [], subnets, notUnderstood, asides = [] } = configuration
  const rows = (mac?: string) =>
    bootTable(configuration, mac).flatMap(({ subnet, machine, isRelayed, offer }) => {
      if (isRelayed) return []
      const options = [...offer.options].toSorted(([a], [b]) => a - b).map(([code, one]) => `${code}=${placed(one)}`)
      const said = offer.silent ? `silent: ${placed(spoken(offer.silent))}` : [`file ${placed(offer.bootFile)}`, `server ${placed(offer.nextServer)}`, `lease ${placed(offer.leaseSeconds)}`, ...options].join('; ') // prettier-ignore
      return `  ${subnet.network} ${machine}${mac === undefined ? '' : `, ${offer.reservation?.address ?? 'not reserved'}`}: ${said}`
    })
  return [
    engine,
    ...relays.map(({ source, interface: name, network, address, helpers }) => `relay ${name} (${source.line}) ${network ?? '?'} as ${address ?? '?'}: ${helpers.map(placed).join(', ')}`), // prettier-ignore
    ...snooping.map(({ source, is, text }) => `snooping ${is} ${text} (${source.line})`),
    ...subnets.map(({ source, network, name, sharedNetwork, pools }) => `subnet ${network} (${source.line}) ${name}${sharedNetwork === undefined ? '' : ` on ${sharedNetwork}`}: ${pools.map(({ start, end, test }) => `${start} to ${end}${test ? ' for some' : ''}`).join(', ')}`), // prettier-ignore
    ...rows(),
    ...rows(knownMac(1)),
    ...notUnderstood.map(({ line, text, why }) => `not understood ${line}: ${text}: ${inEnglish(why)}`),
    ...asides.map(({ line, text, why }) => `aside ${line}: ${text}: ${inEnglish(why)}`),
    '',
  ].join('\n')
}

for (const folder of ['windows', 'devices'])
  describe(folder, () => {
    test.each(fixtureFiles(folder, '').filter(({ name }) => !name.endsWith('.golden')))('$name', async (file) => {
      await expect(told(readFixture(file))).toMatchFileSnapshot(`../fixtures/interchange/${folder}/${file.name}.golden`)
      // Line ends of Windows change nothing.
      const other = readConfiguration({ name: file.name, text: file.text.replaceAll('\n', '\r\n') })!
      expect(told(other)).toBe(told(readFixture(file)))
    })
  })
