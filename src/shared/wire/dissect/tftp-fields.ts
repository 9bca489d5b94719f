/** TFTP as fields (RFC 1350, RFC 2347). */
import { say } from '#messages/message.ts'
import type { Problem } from '../bytes.ts'
import { decodeTftp, describeTftp, tftpErrorName, tftpOpcodes, type TftpOption } from '../tftp.ts'
import { byteCount, numbered } from '../words.ts'
import type { Field } from './field.ts'

export interface TftpFields {
  readonly layer: Field
  readonly problems: readonly Problem[]
}

export function tftpFields(payload: Uint8Array, base: number): TftpFields {
  const { packet, problems } = decodeTftp(payload)
  const reference = 'RFC 1350 5'
  const fields: Field[] = []
  /** Offset behind the text that begins at `at`, its zero included. */
  const textEnd = (at: number): number => {
    const zero = payload.indexOf(0, at)
    return zero < 0 ? payload.length : zero + 1
  }
  const text = (name: string, key: string, value: string, at: number): number => {
    const length = textEnd(at) - at
    fields.push({ name, key, value, text: value, at: base + at, length, reference })
    return at + length
  }
  const optionFields = (list: readonly TftpOption[], start: number): void => {
    let at = start
    for (const option of list) {
      const valueAt = textEnd(at)
      const length = textEnd(valueAt) - at
      fields.push({
        name: 'Option',
        text: `${option.name} = ${option.value}`,
        at: base + at,
        length,
        reference: 'RFC 2347',
        children: [
          {
            name: 'Name',
            key: 'tftp.option.name',
            value: option.name,
            text: option.name,
            at: base + at,
            length: valueAt - at,
          },
          {
            name: 'Value',
            key: 'tftp.option.value',
            value: option.value,
            text: option.value,
            at: base + valueAt,
            length: length - (valueAt - at),
          },
        ],
      })
      at += length
    }
  }
  if (packet) {
    const opcode = tftpOpcodes[packet.kind]
    fields.push({
      name: 'Opcode',
      key: 'tftp.opcode',
      value: opcode,
      text: `${packet.kind.toUpperCase()} (${opcode})`,
      at: base,
      length: 2,
      reference,
    })
    switch (packet.kind) {
      case 'rrq':
      case 'wrq': {
        const mode = text(
          packet.kind === 'rrq' ? 'Source file' : 'Destination file',
          packet.kind === 'rrq' ? 'tftp.source_file' : 'tftp.destination_file',
          packet.filename,
          2,
        )
        optionFields(packet.options, text('Mode', 'tftp.type', packet.mode, mode))
        break
      }
      case 'oack':
        optionFields(packet.options, 2)
        break
      case 'data':
      case 'ack':
        fields.push({
          name: 'Block',
          key: 'tftp.block',
          value: packet.block,
          text: String(packet.block),
          at: base + 2,
          length: 2,
          reference,
        })
        if (packet.kind === 'data')
          fields.push({
            name: 'Data',
            text: byteCount(packet.data.length),
            at: base + 4,
            length: packet.data.length,
            reference,
          })
        else if (packet.nextWindowSize !== undefined)
          fields.push({
            name: 'Next window',
            key: 'tftp.nextwindowsize',
            value: packet.nextWindowSize,
            text: say('field.blocks', { count: packet.nextWindowSize }),
            at: base + 4,
            length: 1,
          })
        break
      case 'error':
        fields.push({
          name: 'Error code',
          key: 'tftp.error.code',
          value: packet.code,
          text: numbered(tftpErrorName(packet.code), packet.code),
          at: base + 2,
          length: Math.min(2, payload.length - 2),
          reference,
        })
        if (payload.length > 4) text('Error message', 'tftp.error.message', packet.message, 4)
        break
    }
  }
  const summary = packet ? describeTftp(packet) : say('wire.not-tftp')
  return {
    layer: {
      name: 'TFTP',
      key: 'tftp',
      text: summary,
      at: base,
      length: payload.length,
      reference: 'RFC 1350',
      children: fields,
    },
    problems: problems.map((one) => ({ ...one, at: base + one.at })),
  }
}
