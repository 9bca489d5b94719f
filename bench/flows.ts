/**
 * Reading captures, against tshark on the same file in alternating rounds; and the window in Chromium: opening a million
 * frames, scrolling a hundred thousand, following live traffic. Times of the window are percentiles, not ratios: no peer
 * shows the same.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { Session } from '#shared/trace/session.ts'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { readCapture } from '../src/main/cli/capture-input.ts'
import { nextAddress, openBrowser } from '../test/helpers/browser.ts'
import { pxe, request } from '../test/helpers/dhcp.ts'
import { cli, LabFolder } from '../test/helpers/lab.ts'
import { Network } from '../test/helpers/network.ts'
import { tell } from './bench-network.ts'
import { writeLargeCapture } from './million.ts'

const frames = 1_000_000
const treeFrames = 100_000
const scrolled = 100_000
const rounds = 3
const here = fileURLToPath(import.meta.url)

/** Seconds that a command takes, its output thrown away. */
function secondsOf(command: string, values: readonly string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(command, values, { stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`${command}: ${stderr.toString()}`)
  return (performance.now() - start) / 1000
}

const best = (values: readonly number[]): number => Math.min(...values)

function against(name: string, aim: number, count: number, ours: () => number, theirs: () => number): void {
  const [a, b]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    a.push(ours())
    b.push(theirs())
  }
  const rate = (seconds: number): number => count / seconds
  tell(name, rate(best(a)), rate(best(b)), 'frames/s', aim)
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN

function percentiles(values: readonly number[]): string {
  const sorted = [...values].sort((x, y) => x - y)
  return `median ${quantile(sorted, 0.5).toFixed(1)} ms, 95 % ${quantile(sorted, 0.95).toFixed(1)} ms, 99 % ${quantile(sorted, 0.99).toFixed(1)} ms, longest ${(sorted.at(-1) ?? NaN).toFixed(1)} ms`
}

/** In the page: times between frames while the packet list is scrolled, and tasks longer than 50 ms meanwhile. */
const scrollScript = `new Promise((resolve) => {
  const box = document.querySelector('[role=listbox][aria-label=Packets]')
  const times = []
  let last
  const step = (now) => {
    if (last !== undefined) times.push(now - last)
    last = now
    box.scrollTop += 230
    if (times.length < 600) requestAnimationFrame(step)
    else resolve(times)
  }
  requestAnimationFrame(step)
})`

const watchLongTasks = `(() => {
  globalThis.longTasks = []
  new PerformanceObserver((list) => { for (const one of list.getEntries()) globalThis.longTasks.push(one.duration) }).observe({ type: 'longtask', buffered: true })
})()`

const longTasks = (page: Page): Promise<number[]> => page.evaluate('globalThis.longTasks')

/** Waits for something to become true in the page; its own way to wait is evaluated by the page, which may not. */
async function until(page: Page, expression: string): Promise<void> {
  for (let waited = 0; waited < 1200; waited++) {
    if (await page.evaluate(expression)) return
    await delay(50)
  }
  throw new Error(`the page never came to ${expression}`)
}

async function openFile(page: Page, file: string): Promise<{ first: number; whole: number }> {
  // The clock runs in the page: what the driver does to hand the file over is not the page's work.
  await page.evaluate(`(() => {
    globalThis.opening = {}
    addEventListener('change', () => { globalThis.opening.start = performance.now() }, { capture: true, once: true })
    const look = () => {
      const rows = document.querySelectorAll('[role=listbox][aria-label=Packets] [role=option] .number').length
      if (rows > 10 && globalThis.opening.first === undefined) globalThis.opening.first = performance.now()
      const progress = document.querySelector('[aria-label=Reading]')
      if (globalThis.opening.first !== undefined && !progress) globalThis.opening.whole = performance.now()
      else setTimeout(look, 15)
    }
    look()
  })()`)
  await page.locator('input[type=file]').setInputFiles(file)
  await until(page, 'globalThis.opening.whole !== undefined')
  const { start, first, whole } = await page.evaluate('globalThis.opening') as { start: number; first: number; whole: number } // prettier-ignore
  return { first: first - start, whole: whole - start }
}

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Anonymous memory of the browser's processes, in bytes. */
function residentOf(browser: string): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name).includes(browser))
  return pids.reduce((sum, pid) => {
    try {
      return sum + Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
    } catch {
      return sum
    }
  }, 0)
}

/** Runs in the clients' namespace: DISCOVERs of many machines, evenly spaced. */
async function flood(rate: number, seconds: number, machines: number): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(68, resolve))
  socket.setBroadcast(true)
  const start = performance.now()
  for (let sent = 0; sent < rate * seconds;) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - start) / 1000) * rate))
    for (; sent < due; sent++) {
      const number = sent % machines
      const mac = `52:54:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`
      socket.send(encodeDhcp(request({ type: 'discover', mac, xid: number, ...pxe(7) })), 67, '255.255.255.255')
    }
    await delay(2)
  }
  socket.close()
}

async function window(large: string, medium: string, bytes: number): Promise<void> {
  const network = new Network()
  const lab = new LabFolder()
  let browser: Browser | undefined
  try {
    const space = network.namespace('w')
    const there = network.namespace('c')
    network.cable({ in: space, name: 'eth1', addresses: ['10.9.0.1/24'] }, { in: there, name: 'eth0', addresses: ['10.9.0.2/24'] })
    network.ip('-n', there, 'route', 'replace', '255.255.255.255/32', 'dev', 'eth0')
    lab.write({ interface: 'eth1', mode: 'listen' })
    const served = network.start(space, process.execPath, [cli, 'serve', '--config', lab.file])
    const url = (await served.sees(/http:\/\/\S+/, 15))[0]
    browser = await openBrowser(lab.root, { network, namespace: space })
    const fresh = async (): Promise<Page> => {
      const page = await browser!.newPage({ viewport: { width: 1440, height: 900 } })
      await page.goto(`${nextAddress(served.output, url)}#/flows`)
      await page.getByRole('heading', { name: 'No packet yet' }).waitFor()
      await page.evaluate(watchLongTasks)
      return page
    }
    const opening = await fresh()
    const before = residentOf('chromium')
    const { first, whole } = await openFile(opening, large)
    await delay(500)
    const grown = residentOf('chromium') - before
    const work = await opening.getByRole('status').filter({ hasText: /of [\d,]+ packets/ }).getAttribute('title')
    say(`Window, ${frames.toLocaleString('en')} frames (${(bytes / 1e6).toFixed(0)} MB): first rows after ${first.toFixed(0)} ms, whole list after ${whole.toFixed(0)} ms (${work}), memory ${(grown / bytes).toFixed(2)} times the file`)
    say(`  tasks over 50 ms in the page meanwhile: ${(await longTasks(opening)).length}`)
    const start = performance.now()
    await opening.getByRole('textbox', { name: 'Filter packets' }).fill('dhcp.type == offer')
    await until(opening, `/^[\\d,]+ of [\\d,]+ packets$/.test([...document.querySelectorAll('[role=status]')].find((one) => /packets/.test(one.textContent))?.textContent ?? '') && !document.body.textContent.includes('filtering') && !document.body.textContent.includes('${frames.toLocaleString('en')} of ${frames.toLocaleString('en')}')`)
    say(`  filter "dhcp.type == offer" over all of them: ${(performance.now() - start).toFixed(0)} ms`)
    await opening.close()
    const scrolling = await fresh()
    await openFile(scrolling, medium)
    await delay(500)
    const times = (await scrolling.evaluate(scrollScript)) as number[]
    say(`Scrolling ${scrolled.toLocaleString('en')} frames, time between pictures: ${percentiles(times)}`)
    await scrolling.close()
    const page = await fresh()
    await page.getByRole('banner').getByRole('button', { name: 'Start' }).click()
    await page.getByTestId('state').first().filter({ hasText: 'Listening' }).waitFor()
    await delay(1000)
    const [rate, seconds, machines] = [5000, 10, 5000]
    const flooded = (perSecond: number, during: number): Promise<number> =>
      network.start(there, process.execPath, [here, 'flood', String(perSecond), String(during), String(machines)]).ended()
    // The page is put together with the first packets; following begins behind that.
    await flooded(100, 3)
    await page.evaluate('globalThis.longTasks = []')
    await flooded(rate, seconds)
    await delay(1000)
    const shown = await page.getByRole('status').filter({ hasText: /of [\d,]+ packets/ }).textContent()
    const tasks = await longTasks(page)
    say(`Live at ${rate} packets/s of ${machines} machines for ${seconds} s: ${tasks.length} tasks over 50 ms${tasks.length > 0 ? ` (${percentiles(tasks)})` : ''}; shown: ${shown}`)
  } finally {
    await browser?.close()
    await network.close()
    lab.remove()
  }
} // prettier-ignore

/** Large captures in a folder of their own, which goes when `work` is done. */
async function withCaptures(
  sizes: readonly number[],
  work: (files: readonly string[], bytes: number) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-bench-'))
  try {
    const files = sizes.map((size) => join(folder, `${size}.pcapng`))
    const [bytes] = sizes.map((size, index) => writeLargeCapture(files[index]!, size))
    // What is still on its way to the disk would be measured with the first reader.
    execFileSync('sync')
    await work(files, bytes!)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Reading on the command line. */
export const benchFlows = (): Promise<void> =>
  withCaptures([frames, treeFrames], async ([large, small], bytes) => {
    against(
      'Lines',
      5,
      frames,
      () => secondsOf(process.execPath, [cli, 'decode', large!]),
      () => secondsOf('tshark', ['-n', '-r', large!]),
    )
    against(
      'Trees as JSON',
      2,
      treeFrames,
      () => secondsOf(process.execPath, [cli, 'decode', '--json', '--tree', small!]),
      () => secondsOf('tshark', ['-n', '-r', small!, '-T', 'json']),
    )
    const memory = spawnSync(process.execPath, ['--expose-gc', here, 'memory', large!], { encoding: 'utf8' })
    const [resident, seconds] = memory.stdout.trim().split(' ').map(Number)
    say(`Analysed in ${seconds!.toFixed(1)} s of one thread; memory ${(resident! / bytes).toFixed(2)} times the file`)
  })

/** The window in Chromium. */
export const benchWindow = (): Promise<void> =>
  withCaptures([frames, scrolled], ([large, medium], bytes) => window(large!, medium!, bytes))

if (process.argv[2] === 'memory') {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const start = performance.now()
  const session = new Session()
  await readCapture(
    process.argv[3]!,
    session,
    async () => {},
    () => session.store.last,
  )
  const seconds = (performance.now() - start) / 1000
  globalThis.gc?.()
  process.stdout.write(`${process.memoryUsage().rss - before} ${seconds} ${session.store.count}\n`)
} else if (process.argv[2] === 'flood')
  await flood(Number(process.argv[3]), Number(process.argv[4]), Number(process.argv[5]))
