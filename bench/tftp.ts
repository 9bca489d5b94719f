/** TFTP, 64 MiB in blocks of 1456: one client in lock-step, one with a window of 16, 32 at once; and the memory of 200. */
import { execFileSync } from 'node:child_process'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Running } from '../test/helpers/network.ts'
import { Bench, median, server, tell } from './bench-network.ts'

const mebibytes = 64
const rounds = 3

/** MiB a second of `count` clients together, from the first request to the last byte. */
async function rate(bench: Bench, count: number, windowSize: number, file = 'f64'): Promise<number> {
  const options = ['--option', 'blksize 1456', ...(windowSize > 1 ? ['--option', `windowsize ${windowSize}`] : [])]
  const startedAt = performance.now()
  const results = await Promise.all(
    Array.from({ length: count }, () =>
      bench.network.exec(bench.there, 'atftp', [...options, '-g', '-r', file, '-l', '/dev/null', server], 300),
    ),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const failed = results.filter((one) => one.code !== 0)
  if (failed[0]) throw new Error(`${failed.length} of ${count} transfers failed: ${failed[0].stderr}`)
  return (count * mebibytes) / seconds
}

/** Every server once a round, so that whatever else the machine does meets all of them. */
async function compare(
  bench: Bench,
  servers: ReadonlyMap<string, () => Promise<Running>>,
  count: number,
  windowSize: number,
  times: number,
): Promise<Map<string, number>> {
  const rates = new Map<string, number[]>()
  for (let round = 0; round < times; round++)
    for (const [name, start] of servers) {
      const running = await start()
      // The first transfer fills caches and, with us, the compiler's; a server is met warm by all but its first client.
      await rate(bench, 1, windowSize)
      rates.set(name, [...(rates.get(name) ?? []), await rate(bench, count, windowSize)])
      await running.stop()
    }
  return new Map([...rates].map(([name, values]) => [name, median(values)]))
}

function report(what: string, rates: ReadonlyMap<string, number>, aim: number): void {
  const [best, fastest] = [...rates].filter(([name]) => name !== 'ours').sort((a, b) => b[1] - a[1])[0]!
  process.stdout.write(`  ${[...rates].map(([name, value]) => `${name} ${value.toFixed(1)}`).join(', ')} MiB/s\n`)
  tell(`${what}, against ${best}`, rates.get('ours')!, fastest, 'MiB/s', aim)
}

/** Resident bytes of a process, from /proc. */
const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

async function memory(bench: Bench): Promise<void> {
  const file = join(bench.boot, 'f1024')
  writeFileSync(file, '')
  truncateSync(file, 1024 ** 3)
  const running = await bench.lab()
  const clients = Array.from({ length: 200 }, () =>
    bench.network.start(bench.there, 'atftp', [
      '--option',
      'blksize 1456',
      '--option',
      'windowsize 8',
      '-g',
      '-r',
      'f1024',
      '-l',
      '/dev/null',
      server,
    ]),
  )
  let most = 0
  for (let second = 0; second < 30; second++) {
    await delay(1000)
    most = Math.max(most, residentMiB(running.child.pid!))
  }
  const alive = clients.filter((one) => one.child.exitCode === null).length
  await Promise.all(clients.map((one) => one.stop('SIGKILL')))
  await running.stop()
  process.stdout.write(
    `Memory with ${alive} of 200 transfers of 1 GiB under way: ${most.toFixed(0)} MiB resident at most (aim 300)\n`,
  )
}

export async function benchTftp(): Promise<void> {
  const bench = new Bench()
  try {
    execFileSync('dd', ['if=/dev/urandom', `of=${join(bench.boot, 'f64')}`, 'bs=1M', `count=${mebibytes}`], {
      stdio: 'ignore',
    })
    const ours = ['ours', () => bench.lab()] as const
    const peers = bench.tftpPeers()
    report('One client in lock-step', await compare(bench, new Map([...peers, ours]), 1, 1, rounds), 0.95)
    const atftpd = [...peers].filter(([name]) => name === 'atftpd')
    if (atftpd.length > 0)
      report('One client, window 16', await compare(bench, new Map([...atftpd, ours]), 1, 16, rounds), 1)
    report('32 clients at once', await compare(bench, new Map([...peers, ours]), 32, 1, 1), 1)
    await memory(bench)
  } finally {
    await bench.close()
  }
}
