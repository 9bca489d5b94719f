/** How what runs until it is told to stop is stopped on Windows, where no signal of another process can be answered. */
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

/** Windows Node that starts PXE Lab with pipes, waits until it is ready, and ends it in one way. */
const driver = `
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const [how, ...command] = process.argv.slice(2)
const child = spawn(process.execPath, ['--no-warnings', ...command], { stdio: ['pipe', 'pipe', 'pipe', ...(how.startsWith('ipc') ? ['ipc'] : [])] })
let output = ''
let isTold = false
const hear = (chunk) => {
  output += chunk
  if (isTold || !/ready|PXE Lab is at/.test(output)) return
  isTold = true
  if (how === 'line') child.stdin.write('stop\\n')
  if (how === 'end') child.stdin.end()
  if (how === 'ipc') child.send({ type: 'stop', signal: 'SIGTERM' })
  if (how === 'ipc-gone') child.disconnect()
  if (how === 'kill') child.kill('SIGTERM')
}
child.stdout.on('data', hear)
child.stderr.on('data', hear)
// 'close' does not come here after a disconnect.
const ended = [child.stdout, child.stderr].map((one) => once(one, 'end'))
once(child, 'exit').then(async ([code, signal]) => {
  await Promise.all(ended)
  console.log(JSON.stringify({ code, signal, output }))
})
`

describeWith([...windowsNeeds, 'built'], 'stopping on Windows', () => {
  let windows: Windows
  let folder: string
  const drive = async (how: string, ...command: string[]) => {
    const { code, stdout, stderr } = await windows.run([windows.path(join(folder, 'driver.cjs')), how, ...command], { cwd: folder })
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringMatching(/}/)])
    return JSON.parse(stdout) as { code: number | null; signal: string | null; output: string }
  } // prettier-ignore
  beforeAll(() => {
    windows = new Windows()
    folder = join(windows.drive, 'lab')
    mkdirSync(join(folder, 'boot'), { recursive: true })
    writeFileSync(join(folder, 'driver.cjs'), driver)
    writeFileSync(
      join(folder, 'lab.yaml'),
      'interface: 127.0.0.1\nmode: dhcp\nallowOtherServers: true\nports: { dhcp: 6067, tftp: 6069, bootServer: 6011 }\n' +
        'dhcp: { subnets: [{ subnet: 127.0.0.0/8, pools: [{ start: 127.0.0.10, end: 127.0.0.20 }] }] }\nstate: ./state\n',
    )
  })
  afterAll(() => windows.close())
  const built = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url))

  test.each([
    ['line', /stopped: by standard input/],
    ['end', /stopped: because standard input ended/],
    ['ipc', /stopped: by SIGTERM/],
    ['ipc-gone', /stopped: because the program that started it has ended/],
  ] as const)('respond ends cleanly: %s', async (how, reason) => {
    const values = ['respond', '--config', 'lab.yaml', ...(how.startsWith('ipc') ? [] : ['--stop-on-stdin-end'])]
    const { code, output } = await drive(how, windows.path(built), ...values)
    expect([code, output]).toEqual([0, expect.stringMatching(reason)])
    // SQLite takes its write-ahead log away when the last connection closes.
    expect(readdirSync(join(folder, 'state')).filter((name) => name.startsWith('leases'))).toEqual(['leases.sqlite'])
  })

  test('serve too', async () => {
    const { code, output } = await drive('end', windows.path(built), 'serve', '--config', 'lab.yaml', '--stop-on-stdin-end')
    expect([code, output]).toEqual([0, expect.stringMatching(/Stopped because standard input ended\.\s*$/)])
  }) // prettier-ignore

  test('without `state` it lies under %LOCALAPPDATA%, and one beside the lab file moves there', async () => {
    const text = readFileSync(join(folder, 'lab.yaml'), 'utf8').replace('state: ./state\n', '')
    const other = join(windows.drive, 'other')
    mkdirSync(join(other, 'boot'), { recursive: true })
    cpSync(join(folder, 'state'), join(other, 'state'), { recursive: true })
    writeFileSync(join(other, 'lab.yaml'), text)
    const { code, output } = await drive('end', windows.path(built), 'respond', '--config', 'C:\\other\\lab.yaml', '--stop-on-stdin-end')
    expect([code, output]).toEqual([0, expect.stringMatching(/has moved from C:\\other\\state to C:\\users\\.*\\AppData\\Local\\PXE Lab\\labs\\lab-[0-9a-f]{12}/)])
    expect(readdirSync(other).sort()).toEqual(['boot', 'lab.yaml'])
  }) // prettier-ignore

  test('a signal would not do', async () => {
    const { output, signal } = await drive('kill', windows.path(built), 'respond', '--config', 'lab.yaml')
    expect([signal, output]).toEqual(['SIGTERM', expect.not.stringContaining('stopped')])
    expect(readdirSync(join(folder, 'state'))).toContain('leases.sqlite-wal')
  })
})
