/**
 * Configurations run in the server they are for, and what it offers to each client is compared with what is understood of
 * them, field by field: address, file, next server, names and every option.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { EngineBench, type RunningEngine } from '../helpers/export-engines.ts'
import { fixtureFiles, importClients, readFixture, repliesOf, replyWords } from '../helpers/import-engines.ts'
import { Network } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const engines: readonly (readonly [RunningEngine, string, number])[] = [
  ['dhcpd', 'dhcpd', 23],
  ['kea', 'kea-dhcp4', 5],
  ['dnsmasq', 'dnsmasq', 5],
]

for (const [engine, command, count] of engines)
  describeWith(['root', command], `configurations of ${engine}`, () => {
    const network = new Network()
    const bench = new EngineBench(network, engine)
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-import-'))
    afterAll(async () => {
      await network.close()
      bench.close()
      rmSync(folder, { recursive: true, force: true })
    })

    test('each client is offered what the reading says', { timeout: 60_000 + count * 5000 }, async () => {
      const files = fixtureFiles(engine, '')
      for (const { name, text } of files) writeFileSync(join(folder, name), text)
      const wholes = files.filter(({ name }) => !name.endsWith('.inc'))
      expect(wholes.length).toBeGreaterThanOrEqual(count)
      let answered = 0
      for (const file of wholes) {
        const configuration = readFixture(file, files)
        expect(configuration.notUnderstood, file.name).toEqual([])
        const clients = importClients()
        const ours = repliesOf(configuration, clients)
        const text = file.text.replaceAll(/\/etc\/(dhcp|kea|dnsmasq)\//g, `${folder}/`)
        const theirs = await bench.offers({ files: [{ name: file.name, text }], notes: [] }, clients, ours.map((one) => one !== undefined)) // prettier-ignore
        for (const [at, { name }] of clients.entries()) {
          if (theirs[at]) answered++
          expect(replyWords(configuration, ours[at]), `${file.name}, ${name}`).toEqual(replyWords(configuration, theirs[at])) // prettier-ignore
        }
      }
      expect(answered).toBeGreaterThan(count * 10)
    })
  })
