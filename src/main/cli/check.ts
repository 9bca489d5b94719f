/** `pxe-lab check`: whether a wire is as a file says, for scheduled use. */
import { diagnose } from '#shared/diagnosis/doctor.ts'
import { expectationsSchema, type Expectations } from '#shared/lab/expectations.ts'
import { collectFacts } from '../inspect/facts.ts'
import { censusClientNames, censusClients, takeCensus, type Census, type CensusClient } from '../probe/census.ts'
import { rehearse, type Rehearsal } from '../probe/rehearsal.ts'
import { listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { readYaml } from '#shared/lab/yaml-file.ts'
import { onStop } from '../stop.ts'
import { readTextFile } from '../files/text-file.ts'
import { exitCodes } from './exit-codes.ts'
import { whyUnread } from '../files/unreadable.ts'

export interface CheckOptions {
  readonly expect: string
  readonly json?: boolean
}

interface Assertion {
  /** What is expected, by its place in the file. */
  readonly what: string
  readonly expected: string
  readonly found: string
  readonly holds: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

/** 0 everything holds, 1 something does not, 2 it cannot be told. */
export async function check({ expect: file, json }: CheckOptions): Promise<number> {
  const expectations = await read(file)
  if (!expectations) return exitCodes.badFile
  const here = listInterfaces()
  const served = selectInterfaces([expectations.interface], here).found[0]
  if (!served) {
    complain(`${file}: interface ${expectations.interface} is not an interface with an IPv4 address. Choose one of: ${here.map((one) => one.name).join(', ') || 'none'}.`) // prettier-ignore
    return exitCodes.unknown
  }
  const stop = new AbortController()
  onStop(() => stop.abort())
  const clients = censusClientNames.filter((one) => expectations.clients?.[one] !== undefined)
  const census = await takeCensus(served, clients.length > 0 ? clients : censusClientNames, stop.signal)
  if (census.complaint !== undefined) {
    complain(`${served.name} cannot be asked: ${census.complaint}. Run it as root, or end what holds it.`)
    return exitCodes.unknown
  }
  const rehearsals = new Map<CensusClient, Rehearsal>()
  for (const client of clients) {
    const { file: wanted, fileServer, sha256, shows } = expectations.clients?.[client] ?? {}
    if ([wanted, fileServer, sha256, shows].every((one) => one === undefined)) continue
    const heard = census.results.find((one) => one.client === client)!
    const rehearsal = await rehearse({
      interface: served,
      client,
      census: heard,
      signal: stop.signal,
      onProgress: () => {},
      isBrief: true,
    })
    if (!rehearsal) {
      complain('cancelled.')
      return exitCodes.unknown
    }
    rehearsals.set(client, rehearsal)
  }
  const assertions = [...assert(expectations, census, rehearsals), ...(await assertDoctor(expectations))]
  const holds = assertions.every((one) => one.holds)
  if (json) tell(JSON.stringify({ version: 1, interface: served.name, holds, assertions }))
  else
    for (const one of assertions)
      tell(`${one.holds ? 'ok' : 'NO'}  ${one.what}: ${one.holds ? one.found : `expected ${one.expected}, found ${one.found}`}`) // prettier-ignore
  return holds ? exitCodes.ok : exitCodes.failed
}

async function read(file: string): Promise<Expectations | undefined> {
  let text: string
  try {
    ;({ text } = await readTextFile(file))
  } catch (error) {
    complain(`--expect ${file} ${whyUnread(error)}. Name a file of expectations.`)
    return undefined
  }
  const { list, value } = readYaml(text, expectationsSchema, 'a file of expectations')
  for (const { line, field, value: shown, message, remedy } of list.problems)
    complain(`${file}:${line}: ${field} ${message} (it is ${shown}). ${remedy}`)
  return value
}

const listed = (values: readonly string[]): string => values.toSorted().join(', ') || 'nobody'
const plainPath = (path: string): string => path.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase()

function assert(
  expectations: Expectations,
  census: Census,
  rehearsals: ReadonlyMap<CensusClient, Rehearsal>,
): Assertion[] {
  const offers = census.results.flatMap((one) => one.offers)
  const serversOf = (role: 'dhcp' | 'proxy-dhcp'): string =>
    listed([...new Set(offers.filter((one) => one.role === role).map((one) => one.server))])
  const same = (what: string, expected: string | undefined, found: string): Assertion[] =>
    expected === undefined
      ? []
      : [{ what, expected: expected || 'none', found: found || 'none', holds: expected === found }]
  const assertions = [
    ...same('DHCP servers', expectations.dhcpServers && listed(expectations.dhcpServers), serversOf('dhcp')),
    ...same('proxyDHCP servers', expectations.proxies && listed(expectations.proxies), serversOf('proxy-dhcp')),
    ...same('warnings', expectations.warnings, census.warnings.length === 0 ? 'none' : census.warnings.join(' ')),
  ]
  for (const [client, expected] of Object.entries(expectations.clients ?? {}) as [
    CensusClient,
    NonNullable<Expectations['clients']>[CensusClient],
  ][]) {
    if (!expected) continue
    const { name } = censusClients[client]
    const heard = census.results.find((one) => one.client === client)
    const program = rehearsals.get(client)?.program
    assertions.push(
      ...same(`${name}, address from`, expected.addressFrom, heard?.address ?? ''),
      ...same(`${name}, boot server`, expected.bootServer, heard?.boot ?? ''),
      ...(expected.file === undefined
        ? []
        : [
            {
              what: `${name}, file`,
              expected: expected.file,
              found: program?.file ?? 'none',
              holds: program !== undefined && plainPath(program.file) === plainPath(expected.file),
            },
          ]),
      ...same(`${name}, file server`, expected.fileServer, program?.server ?? ''),
      ...same(`${name}, SHA-256`, expected.sha256?.toLowerCase(), program?.sha256 ?? ''),
      ...same(`${name}, shows`, expected.shows, rehearsals.get(client)?.code ?? ''),
    )
  }
  return assertions
}

async function assertDoctor({ doctor }: Expectations): Promise<Assertion[]> {
  if (doctor === undefined) return []
  const { health, verdict } = diagnose(await collectFacts())
  return [{ what: 'doctor', expected: doctor, found: verdict, holds: health === doctor }]
}
