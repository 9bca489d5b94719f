/**
 * `node wine-run.ts SECONDS PROGRAM [ARGUMENT...]`: a Windows program as if it were one of this system: its output, which
 * Windows Node writes to no Linux pipe, goes through files that are followed; its exit code becomes this one's. Ends with
 * code 124 after that many seconds. Signals end it at once, as the task manager does: Windows has none.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wineCommand } from './wine.ts'

const [seconds = '', ...command] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-wine-'))
const buffer = Buffer.alloc(1 << 16)

const outputs = [process.stdout, process.stderr].map((target, index) => {
  const path = join(folder, String(index))
  const written = openSync(path, 'w')
  const read = openSync(path, 'r')
  const copy = (): void => {
    for (let length; (length = readSync(read, buffer)) > 0;) target.write(Buffer.from(buffer.subarray(0, length)))
  }
  const watcher = watch(path, copy)
  const close = (): void => {
    watcher.close()
    copy()
    closeSync(read)
  }
  return { written, close }
})

const { NODE_COMPILE_CACHE: compiled } = process.env
const [program, ...values] = wineCommand
const child = spawn(program, [...values, ...command], {
  stdio: ['ignore', ...outputs.map((one) => one.written)],
  // Of this Node the other one cannot read anything, and it has a folder of its own in there.
  env: {
    ...process.env,
    ...(compiled?.startsWith('/') ? { NODE_COMPILE_CACHE: `Z:${compiled.replaceAll('/', '\\')}` } : {}),
  },
})
let code = 0
const end = (as: number) => (): void => {
  code = as
  child.kill('SIGKILL')
}
const limit = setTimeout(end(124), Number(seconds) * 1000)
for (const [signal, as] of [['SIGTERM', 143], ['SIGINT', 130], ['SIGHUP', 129]] as const) process.on(signal, end(as)) // prettier-ignore
const [status] = (await once(child, 'close')) as [number | null]
clearTimeout(limit)
for (const one of outputs) one.close()
rmSync(folder, { recursive: true, force: true })
process.exitCode = code || (status ?? 1)
