/** A magic packet as a layer, its fields named as Wireshark names them. */
import { say } from '#messages/message.ts'
import { formatHex } from '../bytes.ts'
import { magicLength, magicPacketAt, magicText } from '../wake-on-lan.ts'
import type { Field } from './field.ts'
import { shown } from './gathering.ts'

export function wakeLayer(bytes: Uint8Array, at: number, end: number): Field | undefined {
  const packet = magicPacketAt(bytes, at, end)
  if (!packet) return undefined
  const { mac, password, length } = packet
  const passwordAt = at + magicLength
  const passwordLength = length - magicLength
  return {
    name: 'Wake on LAN', key: 'wol', text: magicText(packet), at, length, reference: 'AMD 20213',
    children: [
      shown('Sync stream', 'wol.sync', formatHex(bytes.subarray(at, at + 6)), at, 6),
      {
        name: 'MAC', text: say('field.sixteen-times', { mac }), at: at + 6, length: magicLength - 6,
        children: Array.from({ length: 16 }, (_, index) => shown('MAC', 'wol.mac', mac, at + 6 + index * 6, 6)),
      },
      ...(password === ''
        ? []
        : [{ name: 'Password', key: 'wol.passwd', value: formatHex(bytes.subarray(passwordAt, passwordAt + passwordLength)), text: password, at: passwordAt, length: passwordLength }]),
    ],
  } // prettier-ignore
}
