/** What runs until it is told to stop, ended in every way there is. Windows has its own: test/windows/stop.test.ts. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../helpers/lab.ts'
import { Running } from '../helpers/network.ts'

let folder: string
let running: Running | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-stop-'))
  mkdirSync(join(folder, 'boot'))
  writeFileSync(
    join(folder, 'lab.yaml'),
    'interface: 127.0.0.1\nmode: dhcp\nallowOtherServers: true\nports: { dhcp: 16067, tftp: 16069, bootServer: 16011 }\n' +
      'dhcp: { subnets: [{ subnet: 127.0.0.0/8, pools: [{ start: 127.0.0.10, end: 127.0.0.20 }] }] }\nstate: ./state\n',
  )
  // Starts a command as bin/pxe-lab.js and scripts/start.mjs do.
  writeFileSync(
    join(folder, 'parent.mjs'),
    `import { spawn } from 'node:child_process'
    import { passStopOn } from ${JSON.stringify(new URL('../../scripts/stop.mjs', import.meta.url).href)}
    passStopOn(spawn(process.execPath, process.argv.slice(2), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }))`,
  )
})
afterEach(async () => {
  await running?.stop('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function start(...values: string[]): Promise<Running> {
  running = new Running(
    spawn(process.execPath, values, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'], detached: true }),
  )
  await running.sees(/ready in mode|PXE Lab is at/)
  return running
}
const respond = [cli, 'respond', '--config', 'lab.yaml'] as const
/** SQLite takes its write-ahead log away when the last connection closes. */
const isClosed = (): boolean => !existsSync(join(folder, 'state/leases.sqlite-wal'))

describe('respond', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s', async (signal) => {
    const one = await start(...respond)
    expect(isClosed()).toBe(false)
    expect(await one.stop(signal)).toBe(0)
    expect(one.output).toMatch(new RegExp(`stopped: by ${signal}\\n$`))
    expect(isClosed()).toBe(true)
  })

  test.each([['the end of standard input', undefined, 'because standard input ended'], ['a line', 'stop\n', 'by standard input']])(
    'by %s, where that was asked for',
    async (_, line, reason) => {
      const one = await start(...respond, '--stop-on-stdin-end')
      if (line === undefined) one.child.stdin!.end()
      else one.child.stdin!.write(line)
      expect(await one.ended()).toBe(0)
      expect(one.output).toContain(`stopped: ${reason}\n`)
      expect(isClosed()).toBe(true)
    },
  ) // prettier-ignore

  test('standard input that ends means nothing to who did not ask', async () => {
    const one = await start(...respond)
    one.child.stdin!.end('stop\n')
    await expect(one.sees(/stopped/, 1)).rejects.toThrow('did not print')
    expect(await one.stop()).toBe(0)
  })
})

describe('through the program that started it', () => {
  test.each(['SIGTERM', 'SIGHUP'] as const)('%s is passed on', async (signal) => {
    const one = await start('parent.mjs', ...respond)
    expect(await one.stop(signal)).toBe(0)
    expect(one.output).toMatch(new RegExp(`stopped: by ${signal}\\n$`))
    expect(isClosed()).toBe(true)
  })

  test('Ctrl+C, which a terminal sends to both, ends it once and cleanly', async () => {
    const one = await start('parent.mjs', ...respond)
    process.kill(-one.child.pid!, 'SIGINT')
    expect(await one.ended()).toBe(0)
    expect(one.output).toMatch(/stopped: by SIGINT\n$/)
    expect(isClosed()).toBe(true)
  })

  test('it does not outlive a parent that was killed', async () => {
    const one = await start('parent.mjs', ...respond)
    one.child.kill('SIGKILL')
    await one.ended()
    expect(one.output).toMatch(/stopped: because the program that started it has ended\n$/)
    expect(isClosed()).toBe(true)
  })

  test('what has nothing to put in order is ended too', async () => {
    const file = join(folder, 'busy.mjs')
    writeFileSync(
      file,
      `import { followParent } from ${JSON.stringify(new URL('../../src/main/stop.ts', import.meta.url).href)}
      followParent()
      console.log('ready in mode busy')
      setInterval(() => {}, 1000)`,
    )
    const one = await start('parent.mjs', file)
    expect(await one.stop('SIGTERM')).toBe(1)
  })
})

test('serve ends in the same ways', async () => {
  const one = await start(cli, 'serve', '--config', 'lab.yaml', '--stop-on-stdin-end')
  one.child.stdin!.end()
  expect(await one.ended()).toBe(0)
  expect(one.output).toMatch(/Stopped because standard input ended\.\n$/)
})
