/**
 * Where shim looks for its second stage, against where it came from itself: over TFTP it goes by the header of the DHCP acknowledgement
 * (siaddr, file), and by that of the proxy only where the acknowledgement names no file (parseDhcp4 in shim's netboot.c). Option 67 and the
 * server that the firmware asked do not count.
 */
import { say } from '#messages/message.ts'
import { decodeText, formatIpv4 } from '../../wire/bytes.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import type { Transfer } from '../../trace/transfer.ts'
import type { Round } from '../rounds.ts'
import type { Failed } from './account.ts'
import { isLoaded, isTransfer } from './file.ts'

const folderOf = (name: string): string => /^.*\//.exec(name.replaceAll('\\', '/').replace(/^\/+/, ''))?.[0] ?? ''

/** Why shim did not get what it asked for, where the packets show that it looks in another place; empty otherwise. */
export function strayOf(round: Round, shim: string, stage: Transfer): Partial<Pick<Failed, 'causes' | 'fixes'>> {
  if (round.v6) return {}
  const own = round.files.findLast(
    (file): file is Transfer => isTransfer(file) && file.file === shim && isLoaded(file) && file.startNs < stage.startNs,
  )
  if (!own) return {}
  const name = stage.file
  const acknowledged = round.answers.findLast(({ event }) => event.type === messageTypes.ack)?.message
  if (own.serverAddress !== stage.serverAddress) {
    // Only where the acknowledgement names that server: else it was led there by something the packets do not show.
    if (acknowledged && acknowledged.siaddr !== 0 && formatIpv4(acknowledged.siaddr) !== formatIp(stage.serverAddress)) return {}
    const place = { own: formatIp(own.serverAddress), asked: formatIp(stage.serverAddress), name }
    return { causes: [say('explain.shim-other-server', place)], fixes: [say('explain.fix-shim-other-server', place)] }
  }
  const [from, to] = [folderOf(own.file), folderOf(name)]
  if (from === to) return {}
  const file = acknowledged && decodeText(acknowledged.file).replace(/\0.*$/s, '')
  const why = file === '' ? 'option' : own.file.includes('\\') ? 'backslash' : 'other'
  const place = { folder: from, inTop: from === '' ? 'yes' : 'no', where: to, isTop: to === '' ? 'yes' : 'no', name, why } as const
  return { causes: [say('explain.shim-other-folder', place)], fixes: [say('explain.fix-shim-other-folder', place)] }
} // prettier-ignore
