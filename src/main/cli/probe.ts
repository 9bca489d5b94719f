/** `pxe-lab probe`: who answers PXE clients on a wire. */
import { englishOf } from '#messages/json.ts'
import { t, inEnglish } from '#messages/text.ts'
import { censusClientNames, censusClients, takeCensus, type Census, type CensusClient } from '../probe/census.ts'
import { takeCensus6, type Census6 } from '../probe/census6.ts'
import {
  clientNames6,
  isAnswered6,
  rehearse,
  rehearsedClients,
  secondDhcpOpinion,
  type Rehearsal,
  type RehearsalStep,
  type RehearsedClient,
  type RehearsedClient6,
} from '../probe/rehearsal.ts'
import { noIpv6 } from '../probe/wire-ends6.ts'
import { listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { onStop } from '../stop.ts'
import { printable } from '#shared/wire/printable.ts'
import { rehearsedEnd, rehearsedStep } from '#shared/contract/rehearsed.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

export interface ProbeOptions {
  readonly interface: string
  readonly arch?: string
  readonly rehearse?: boolean
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

/** 0 somebody answers and nothing is odd, 1 something is, 2 it cannot be asked. */
export async function probe(options: ProbeOptions): Promise<number> {
  const wanted = options.arch ?? 'all'
  const known = [...censusClientNames, ...clientNames6]
  if (wanted !== 'all' && !(known as readonly string[]).includes(wanted)) {
    complain(t('cli.arch-not-client-choose-one', { wanted, known: known.join(', ') }))
    throw new UsageError('--arch')
  }
  const served = selectInterfaces([options.interface], listInterfaces()).found[0]
  if (!served) {
    complain(t('cli.interface-not-interface-ipv4-address', { interface: options.interface, value: listInterfaces().map((one) => one.name).join(', ') || 'none' })) // prettier-ignore
    return exitCodes.unknown
  }
  const only6 = clientNames6.find((one) => one === wanted)
  const missing = only6 === undefined ? undefined : noIpv6(served)
  if (missing !== undefined) {
    complain(t('cli.so-arch-cannot-ask-enable', { missing, wanted }))
    return exitCodes.unknown
  }
  const stop = new AbortController()
  onStop(() => stop.abort())
  if (!options.json) process.stderr.write(`${t('cli.sending-requests-four-seconds-press', { name: served.name })}\n`)
  const clients = wanted === 'all' ? censusClientNames : only6 === undefined ? [wanted as CensusClient] : []
  const [census, over6] = await Promise.all([
    only6 === undefined ? takeCensus(served, clients, stop.signal) : notAsked,
    takeCensus6(served, stop.signal),
  ])
  if (census.complaint !== undefined) {
    complain(t('cli.cannot-asked-so-port-67', { name: served.name, complaint: census.complaint })) // prettier-ignore
    return exitCodes.unknown
  }
  if (only6 !== undefined && over6?.complaint !== undefined) {
    complain(t('cli.cannot-asked-over-ipv6-run', { name: served.name, complaint: over6.complaint })) // prettier-ignore
    return exitCodes.unknown
  }
  if (!options.json) {
    print(census)
    if (over6) print6(over6)
  }
  const answers6 = (client: RehearsedClient6): boolean => over6 !== undefined && isAnswered6(client, over6)
  // Most networks have nobody who answers over IPv6, which the census has said.
  const clients6 = clientNames6.filter((one) => (wanted === 'all' ? answers6(one) : one === only6))
  const boots: readonly { readonly client: RehearsedClient; readonly isAnswered: boolean }[] = [
    ...census.results.map(({ client, offers }) => ({ client, isAnswered: offers.length > 0 })),
    ...clients6.map((client) => ({ client, isAnswered: answers6(client) })),
  ]
  const rehearsals: Rehearsal[] = []
  for (const boot of options.rehearse ? boots : []) {
    const rehearsal = await rehearse({
      interface: served,
      ...boot,
      signal: stop.signal,
      isBrief: false,
      onProgress: options.json ? () => {} : (text) => process.stderr.write(`${text}\n`),
    })
    if (!rehearsal) {
      complain('cancelled.')
      return exitCodes.unknown
    }
    rehearsals.push(rehearsal)
    if (!options.json) printRehearsal(rehearsal)
  }
  const secondOpinion = options.rehearse && only6 === undefined ? await secondDhcpOpinion(census.results) : undefined
  if (secondOpinion && !options.json) printStep(secondOpinion)
  if (options.json) {
    const { results, warnings } = census
    tell(JSON.stringify(englishOf({ version: 1, interface: served.name, results, warnings, ...(over6?.complaint === undefined ? { ipv6: over6?.results } : {}), ...(over6 && over6.routersComplaint === undefined ? { routers: over6.routers } : {}), ...(over6 ? { ipv6Notes: over6.notes } : {}), ...(options.rehearse ? { rehearsals, secondOpinion } : {}) }))) // prettier-ignore
  }
  const isOdd = rehearsals.some((one) => one.line !== '' || one.steps.some((step) => step.state !== 'passed'))
  const isSilent = only6 !== undefined && !answers6(only6)
  return census.warnings.length === 0 && !isOdd && !isSilent ? exitCodes.ok : exitCodes.failed
}

/** Only IPv6 is to be asked. */
const notAsked: Census = { results: [], warnings: [], complaint: undefined }

const marks = { passed: 'ok', warning: '??', failed: 'NO' } as const

const printStep = (step: RehearsalStep): void => tell(printable(`  ${marks[step.state]}  ${rehearsedStep(step)}`))

function printRehearsal(rehearsal: Rehearsal): void {
  const { client, steps, program, sweep, recommended } = rehearsal
  tell(`\n${rehearsedClients[client].name}, whole boot: ${rehearsedEnd(rehearsal)}`)
  for (const step of steps) printStep(step)
  if (program) tell(`      ${program.bytes} bytes, ${megabytes(program.bytesPerSecond)}, SHA-256 ${program.sha256}`)
  for (const one of sweep)
    tell(
      `      blocks of ${one.blockSize}, window ${one.windowSize}: ${one.problem !== '' ? one.problem : `${megabytes(one.bytesPerSecond ?? 0)}${one.agreedBlockSize === one.blockSize && one.agreedWindowSize === one.windowSize ? '' : ` (granted ${one.agreedBlockSize}, window ${one.agreedWindowSize})`}${one.lost > 0 ? `, ${one.lost} lost` : ''}`}`,
    )
  if (recommended)
    tell(`      RamDiskTFTPBlockSize ${recommended.blockSize}, RamDiskTFTPWindowSize ${recommended.windowSize}: ${recommended.why.map(inEnglish).join(' ')}`) // prettier-ignore
}

const megabytes = (bytesPerSecond: number): string => `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`

/** Silence over IPv6 is what most networks have, and no warning. */
function print6(over6: Census6): void {
  if (over6.complaint === undefined) printAdvertises(over6)
  else tell(t('cli.ipv6-not-asked', { complaint: over6.complaint }))
  if (over6.routersComplaint !== undefined)
    tell(t('cli.routers-were-not-heard', { routersComplaint: over6.routersComplaint }))
  else if (over6.routers.length === 0) tell(t('cli.no-other-machine-sends-router'))
  for (const { address, isManaged, hasOther, lifetimeSeconds, prefixes } of over6.routers) {
    const parts = [
      lifetimeSeconds > 0 ? t('cli.default-router-s', { lifetimeSeconds }) : t('cli.no-default-router'),
      `flag M ${isManaged ? 'on' : 'off'}, flag O ${hasOther ? 'on' : 'off'}`,
      ...prefixes.map((one) => `${one.text}${one.isAutonomous ? ` ${t('cli.machines-make-addresses')}` : ''}`),
    ]
    tell(`Router ${address}  ${printable(parts.join(', '))}`)
  }
  for (const note of over6.notes) tell(printable(`IPv6: ${note}`))
}

function printAdvertises({ results }: Census6): void {
  if (results.every((one) => one.advertises.length === 0)) return tell('IPv6: no DHCPv6 server answers.')
  for (const { client, advertises, address, asksBootServer } of results) {
    const taken =
      address === ''
        ? 'accepts no ADVERTISE'
        : asksBootServer
          ? t('cli.address-asked-port-4011', { address })
          : t('cli.address', { address })
    tell(`${censusClients[client].name} over IPv6: ${taken}`)
    for (const one of advertises) {
      const parts = [
        one.offered === '' ? 'no address' : `offers ${one.offered}`,
        one.url === '' ? t('cli.no-boot-file-url') : one.url,
        one.vendorClass === '' ? '' : `option 16 ${one.vendorClass}`,
        one.mac,
        `${one.afterMs} ms`,
      ]
      tell(`  ${one.server}  ${printable(parts.filter(Boolean).join(', '))}\n      ${printable(one.because)}`)
    }
  }
}

function print({ results, warnings }: Census): void {
  for (const { client, offers, address, boot, asksBootServer } of results) {
    tell(
      `${censusClients[client].name}: ${address === '' ? t('cli.accepts-no-offer') : `address from ${address}, ${boot === '' ? 'nothing to boot' : `boots by ${boot}${asksBootServer ? ', asked on port 4011' : ''}`}`}`,
    )
    for (const one of offers) {
      const parts = [
        one.role === 'dhcp' ? `DHCP, offers ${one.offered}` : 'proxyDHCP',
        one.vendorClass === '' ? '' : `option 60 ${one.vendorClass}`,
        one.hasOption43 ? 'option 43' : '',
        one.file === '' ? 'no file' : `file ${one.file}`,
        t('cli.next-server', { nextServer: one.nextServer }),
        one.mac,
        one.relay === '' ? '' : `relay ${one.relay}`,
        `${one.afterMs} ms`,
      ]
      tell(`  ${one.server}  ${printable(parts.filter(Boolean).join(', '))}\n      ${printable(one.because)}`)
    }
  }
  for (const warning of warnings) tell(printable(`Warning: ${warning}`))
}
