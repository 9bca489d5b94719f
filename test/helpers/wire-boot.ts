/** One boot of a firmware of the simulator on real sockets, with the programs that it loads; prints what happens as JSON lines. */
import { englishOf } from '#messages/json.ts'
import { parseHex } from '#shared/wire/bytes.ts'
import { firmwareEntry, type FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import { runProgram } from '#shared/machines/pxe-client/programs/run.ts'
import { rehearsalUuid } from '#shared/wire/lab-checks.ts'
import { bootOnWire } from '../../src/main/probe/wire-client.ts'
import { listInterfaces } from '../../src/main/responder/interfaces.ts'

const [name, mac, firmware] = process.argv.slice(2) as [string, string, FirmwareName]
const tell = (line: unknown): void => void process.stdout.write(`${JSON.stringify(englishOf(line))}\n`)
const result = await bootOnWire({
  interface: listInterfaces().find((one) => one.name === name)!,
  firmware: firmwareEntry(firmware).firmware,
  mac: parseHex(mac)!,
  uuid: rehearsalUuid,
  run: runProgram,
  signal: AbortSignal.timeout(100_000),
  isHurried: false,
  onEvent: tell,
  onRequest: (_, file) => tell({ type: 'file', file }),
})
tell({ type: 'result', result })
