import { inEnglish } from '#messages/text.ts'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { formatIpv4, formatMac } from '#shared/wire/bytes.ts'
import { decodeDhcp, findOptionData } from '#shared/wire/dhcp/message.ts'
import { kinds } from '#shared/wire/dhcp/kinds.ts'
import { decodeTftp, tftpOpcodes } from '#shared/wire/tftp.ts'
import { captureNames, datagramsOf, fixture, isDhcp } from '../helpers/fixtures.ts'
import { describeWith } from '../helpers/requirements.ts'

/** Fields of a whole capture as tshark reads them: one row a frame, several values of a field separated by semicolons. */
function tshark(
  capture: string,
  filter: string,
  fields: readonly string[],
): Map<number, Readonly<Record<string, string>>> {
  const rows = execFileSync(
    'tshark',
    ['-r', fileURLToPath(fixture(`captures/${capture}`)), '-Y', filter, '-d', 'udp.port==69,tftp', '-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=;', '-e', 'frame.number', ...fields.flatMap((field) => ['-e', field])],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  ) // prettier-ignore
  return new Map(
    rows
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [frame, ...values] = line.split('\t')
        return [Number(frame), Object.fromEntries(fields.map((field, at) => [field, values[at] ?? '']))]
      }),
  )
}

const dhcpFields = [
  'dhcp.type', 'dhcp.hw.type', 'dhcp.hw.len', 'dhcp.hops', 'dhcp.id', 'dhcp.secs', 'dhcp.flags', 'dhcp.ip.client', 'dhcp.ip.your', 'dhcp.ip.server',
  'dhcp.ip.relay', 'dhcp.hw.mac_addr', 'dhcp.option.type', 'dhcp.option.dhcp', 'dhcp.option.subnet_mask', 'dhcp.option.router',
  'dhcp.option.requested_ip_address', 'dhcp.option.ip_address_lease_time', 'dhcp.option.dhcp_server_id', 'dhcp.option.request_list_item',
  'dhcp.option.dhcp_max_message_size', 'dhcp.option.vendor_class_id', 'dhcp.option.tftp_server_name', 'dhcp.option.bootfile_name', 'dhcp.file', 'dhcp.server',
  'dhcp.option.renewal_time_value', 'dhcp.option.rebinding_time_value', 'dhcp.option.client_system_architecture', 'dhcp.option.broadcast_address',
] // prettier-ignore

describeWith(['tshark'], 'decoded as tshark decodes it', () => {
  test.each(captureNames)('DHCP of %s', (name) => {
    const theirs = tshark(name, 'dhcp', dhcpFields)
    const messages = datagramsOf(name).filter(({ udp }) => isDhcp(udp))
    expect(messages.map(({ frame }) => frame).filter((frame) => theirs.has(frame))).toHaveLength(messages.length)
    for (const { frame, udp } of messages) {
      const { message } = decodeDhcp(udp.payload)
      const data = (code: number): Uint8Array | undefined => findOptionData(message, code)
      const number = (code: number): string =>
        data(code) ? String([...data(code)!].reduce((sum, byte) => sum * 256 + byte, 0)) : ''
      const shown = (code: number, kind: keyof typeof kinds): string =>
        data(code) ? inEnglish(kinds[kind].decode(data(code)!).text).replaceAll(', ', ';') : ''
      const hex = (value: number, width: number): string => `0x${value.toString(16).padStart(width, '0')}`
      const text = (bytes: Uint8Array): string => inEnglish(kinds.text.decode(bytes).text)
      // Option 61 of type 1 repeats both fields for tshark.
      const identifier = data(61)?.[0] === 1 && data(61)!.length === 7 ? data(61)! : undefined
      const ours: Record<string, string> = {
        'dhcp.type': String(message.op),
        'dhcp.hw.type': hex(message.htype, 2) + (identifier ? `;${hex(identifier[0]!, 2)}` : ''),
        'dhcp.hw.len': String(message.hlen),
        'dhcp.hops': String(message.hops),
        'dhcp.id': hex(message.xid, 8),
        // tshark knows the clients that send seconds with their bytes swapped and turns them around; the wire has these.
        'dhcp.secs':
          theirs.get(frame)!['dhcp.secs'] === String(((message.secs & 255) << 8) | (message.secs >>> 8))
            ? theirs.get(frame)!['dhcp.secs']!
            : String(message.secs),
        'dhcp.flags': hex(message.flags, 4),
        'dhcp.ip.client': formatIpv4(message.ciaddr),
        'dhcp.ip.your': formatIpv4(message.yiaddr),
        'dhcp.ip.server': formatIpv4(message.siaddr),
        'dhcp.ip.relay': formatIpv4(message.giaddr),
        'dhcp.hw.mac_addr':
          formatMac(message.chaddr.subarray(0, message.hlen)) +
          (identifier ? `;${formatMac(identifier.subarray(1))}` : ''),
        'dhcp.option.dhcp': number(53),
        'dhcp.option.subnet_mask': shown(1, 'address'),
        'dhcp.option.router': shown(3, 'addresses'),
        'dhcp.option.requested_ip_address': shown(50, 'address'),
        'dhcp.option.ip_address_lease_time': number(51),
        'dhcp.option.dhcp_server_id': shown(54, 'address'),
        'dhcp.option.request_list_item': shown(55, 'optionCodes'),
        'dhcp.option.dhcp_max_message_size': number(57),
        'dhcp.option.vendor_class_id': data(60) ? text(data(60)!) : '',
        'dhcp.option.tftp_server_name': data(66) ? text(data(66)!) : '',
        'dhcp.option.bootfile_name': data(67) ? text(data(67)!) : '',
        'dhcp.file': text(message.file),
        'dhcp.server': text(message.sname),
        'dhcp.option.renewal_time_value': number(58),
        'dhcp.option.rebinding_time_value': number(59),
        'dhcp.option.client_system_architecture': number(93),
        'dhcp.option.broadcast_address': shown(28, 'address'),
      }
      const { 'dhcp.option.type': types, ...rest } = theirs.get(frame)!
      // END and PAD are options to tshark; the order is the wire's in both.
      const theirTypes = types!.split(';').filter((one) => one !== '255' && one !== '0')
      expect(
        message.options.map((one) => String(one.code)),
        `frame ${frame}`,
      ).toEqual(theirTypes)
      expect(ours, `frame ${frame}`).toEqual(rest)
    }
  })

  test.each(captureNames)('TFTP of %s', (name) => {
    const theirs = tshark(name, 'tftp && !icmp', [
      'tftp.opcode',
      'tftp.source_file',
      'tftp.type',
      'tftp.block',
      'tftp.error.code',
      'tftp.error.message',
      'tftp.option.name',
      'tftp.option.value',
    ])
    let compared = 0
    for (const { frame, udp } of datagramsOf(name)) {
      const row = theirs.get(frame)
      if (!row) continue
      compared++
      const { packet, problems } = decodeTftp(udp.payload)
      expect(problems, `frame ${frame}`).toEqual([])
      const options = packet && 'options' in packet ? packet.options : []
      expect(
        {
          'tftp.opcode': String(packet && tftpOpcodes[packet.kind]),
          'tftp.source_file': packet?.kind === 'rrq' ? packet.filename : '',
          'tftp.type': packet?.kind === 'rrq' ? packet.mode : '',
          'tftp.block': packet?.kind === 'data' || packet?.kind === 'ack' ? String(packet.block) : '',
          'tftp.error.code': packet?.kind === 'error' ? String(packet.code) : '',
          'tftp.error.message': packet?.kind === 'error' ? packet.message : '',
          'tftp.option.name': options.map((one) => one.name).join(';'),
          'tftp.option.value': options.map((one) => one.value).join(';'),
        },
        `frame ${frame}`,
      ).toEqual(row)
    }
    expect(compared).toBe(theirs.size)
  })
})
