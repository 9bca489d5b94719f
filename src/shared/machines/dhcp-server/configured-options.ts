/** Which options a lab says for a client, and where they contradict what the header of the same reply says. */
import { say, type Phrase } from '#messages/message.ts'
import { decodeText, encodeText, formatIpv4, parseIpv4 } from '../../wire/bytes.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import type { ClientIdentity } from '../client-identity.ts'
import type { DhcpServerConfiguration, Reservation, SubnetConfiguration } from './configuration.ts'

/** The lab's, subnet's, architecture's, user class's and reservation's options, the nearest winning. */
export function configuredFor(
  configuration: DhcpServerConfiguration,
  client: ClientIdentity,
  subnet: SubnetConfiguration,
  reservation: Reservation | undefined,
  /** What `machines` calls the machine (option 12, RFC 2132 section 3.14), before what the reservation does. */
  hostName?: string,
): ReadonlyMap<number, Uint8Array> {
  const configured = new Map<number, Uint8Array>()
  const byClient = ({ architectureOptions, userClassOptions }: SubnetConfiguration | DhcpServerConfiguration) => {
    const named = client.architectures.find((code) => architectureOptions?.has(code))
    return [
      ...(named === undefined ? [] : (architectureOptions?.get(named) ?? [])),
      ...client.userClasses.flatMap((name) => userClassOptions?.get(name) ?? []),
    ]
  }
  for (const level of [
    configuration.options,
    subnet.options,
    byClient(configuration),
    byClient(subnet),
    reservation?.options ?? [],
  ])
    for (const option of level) configured.set(option.code, option.data)
  const isNamedByOption = reservation?.options.some(({ code }) => code === optionCodes.hostName) === true
  const name = hostName ?? reservation?.hostname
  if (name !== undefined && !isNamedByOption) configured.set(optionCodes.hostName, encodeText(name))
  return configured
}

const textOf = (data: Uint8Array): string => decodeText(data).replace(/\0.*$/s, '')

/**
 * How options 66 and 67 say other than `siaddr` and `file`, in words; undefined where they do not, or where the header
 * says nothing. EDK2 takes option 67 before `file`, most ROMs the header, so that such a reply boots two ways.
 */
export function bootContradiction(
  header: { readonly siaddr: number | undefined; readonly file: string },
  configured: ReadonlyMap<number, Uint8Array>,
): Phrase | undefined {
  const said: Phrase[] = []
  const file = configured.get(optionCodes.bootFileName)
  if (file && header.file !== '' && textOf(file) !== header.file)
    said.push(say('boot-check.option-67-contradicts', { option: textOf(file), field: header.file }))
  const server = configured.get(optionCodes.tftpServerName)
  const address = server && parseIpv4(textOf(server))
  // A name may well be the address; who asks DNS knows.
  if (address !== undefined && header.siaddr !== undefined && address !== header.siaddr)
    said.push(
      say('boot-check.option-66-contradicts', { option: formatIpv4(address), field: formatIpv4(header.siaddr) }),
    )
  return said.length === 0 ? undefined : said.reduce((first, next) => say('boot-check.contradictions', { first, next }))
}
