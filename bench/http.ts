/**
 * HTTP and HTTPS boot beside nginx: 32 clients at once load 64 MiB each, whole and in ranges of 1 MiB over one connection, as wimboot
 * and image writers do. Both serve the same folder, with the same certificate, and take turns, so that whatever else this machine does
 * is done to both. Processor time tells what rates on a busy machine do not.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { LabInput } from '#shared/lab/lab.ts'
import { certificateFile, issuedCertificate } from '../src/main/responder/https-certificate.ts'
import type { Running } from '../test/helpers/network.ts'
import { findTool } from '../test/helpers/requirements.ts'
import { Bench, median, server, tell } from './bench-network.ts'

const mebibytes = 64
const clients = 32
const rounds = 5
const names = ['http', 'https'] as const
const ports = { ours: { http: 80, https: 443 }, nginx: { http: 8080, https: 8443 } } as const

type Name = keyof typeof ports
type Scheme = (typeof names)[number]
type Way = 'whole' | 'in ranges'

/** Seconds of processor that a process and its children have had; clock ticks of Linux are hundredths (proc_pid_stat(5)). */
function processorSeconds(root: number): number {
  const all = readdirSync('/proc').flatMap((pid) => {
    try {
      const fields = readFileSync(`/proc/${Number(pid)}/stat`, 'latin1')
        .split(') ')
        .at(-1)!
        .split(' ')
      return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }]
    } catch {
      // No process, or none any more.
      return []
    }
  })
  const sum = (pid: number): number => all.reduce((ticks, one) => ticks + (one.parent === pid ? sum(one.pid) : 0), all.find((one) => one.pid === pid)?.ticks ?? 0) // prettier-ignore
  return sum(root) / 100
}

/** What one client of curl does, as its configuration. */
const requests = (scheme: Scheme, port: number, way: Way): string => {
  const one = (range?: string): string =>
    [`url = "${scheme}://${server}:${port}/f${mebibytes}"`, 'output = "/dev/null"', 'insecure', 'fail', 'silent', 'show-error', 'write-out = "%{size_download}\\n"', ...(range === undefined ? [] : [`range = ${range}`])].join('\n') // prettier-ignore
  if (way === 'whole') return one()
  const bytes = 1024 ** 2
  return Array.from({ length: mebibytes }, (_, at) => one(`${at * bytes}-${(at + 1) * bytes - 1}`)).join('\nnext\n')
}

/** MiB a second of all clients together, from the first request to the last byte; every byte is counted. */
async function rate(bench: Bench, name: Name, scheme: Scheme, way: Way, count: number): Promise<number> {
  const file = join(bench.root, 'curl')
  writeFileSync(file, requests(scheme, ports[name][scheme], way))
  const startedAt = performance.now()
  const results = await Promise.all(
    Array.from({ length: count }, () => bench.network.exec(bench.there, 'curl', ['--config', file], 300)),
  )
  const seconds = (performance.now() - startedAt) / 1000
  for (const { code, stdout, stderr } of results) {
    const bytes = stdout.split('\n').reduce((sum, line) => sum + Number(line), 0)
    if (code !== 0 || bytes !== mebibytes * 1024 ** 2)
      throw new Error(`a client got ${bytes} bytes and ended with ${code}: ${stderr}`)
  }
  return (count * mebibytes) / seconds
}

/** As Debian configures it (a worker for each processor, sendfile and tcp_nopush), with a log, since we tell each transfer too. */
async function nginx(bench: Bench, pair: string): Promise<Running> {
  const folder = join(bench.root, 'nginx')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `  ${one}_temp_path ${folder}/${one};`) // prettier-ignore
  writeFileSync(
    file,
    [
      'user root;',
      'daemon off;',
      'worker_processes auto;',
      `pid ${folder}/pid;`,
      `error_log ${folder}/error.log;`,
      'events { worker_connections 768; }',
      'http {',
      '  sendfile on;',
      '  tcp_nopush on;',
      '  default_type application/octet-stream;',
      `  access_log ${folder}/access.log;`,
      ...temporary,
      '  server {',
      `    listen ${server}:${ports.nginx.http};`,
      `    listen ${server}:${ports.nginx.https} ssl;`,
      `    ssl_certificate ${pair};`,
      `    ssl_certificate_key ${pair};`,
      `    root ${bench.boot};`,
      '  }',
      '}',
    ].join('\n'),
  )
  const running = bench.network.start(bench.here, 'nginx', ['-c', file, '-e', join(folder, 'error.log')])
  await delay(700)
  if (running.child.exitCode !== null) throw new Error(`nginx did not stay: ${running.output}`)
  return running
}

export async function benchHttp(): Promise<void> {
  if (!findTool('nginx')) {
    process.stdout.write('HTTP beside nginx is left out: nginx is not installed (Debian: nginx-light)\n')
    return
  }
  const bench = new Bench()
  try {
    execFileSync('dd', ['if=/dev/urandom', `of=${join(bench.boot, `f${mebibytes}`)}`, 'bs=1M', `count=${mebibytes}`], {
      stdio: 'ignore',
    })
    await issuedCertificate(join(bench.root, 'authority'), [server])
    const pair = join(bench.root, 'authority', certificateFile)
    const settings: Partial<LabInput> = {
      http: { enabled: true },
      https: { enabled: true, certificate: pair, key: pair },
      tftp: { enabled: false },
    }
    const running = { ours: await bench.lab(settings), nginx: await nginx(bench, pair) }
    for (const scheme of names)
      for (const way of ['whole', 'in ranges'] as const) {
        const rates = { ours: [] as number[], nginx: [] as number[] }
        const processor = { ours: 0, nginx: 0 }
        // Caches and our compiler are warm for all but the first clients.
        for (const name of ['ours', 'nginx'] as const) await rate(bench, name, scheme, way, 4)
        for (let round = 0; round < rounds; round++)
          for (const name of ['ours', 'nginx'] as const) {
            const before = processorSeconds(running[name].child.pid!)
            rates[name].push(await rate(bench, name, scheme, way, clients))
            processor[name] += processorSeconds(running[name].child.pid!) - before
          }
        const gibibytes = (rounds * clients * mebibytes) / 1024
        const all = Object.entries(rates).map(([name, values]) => `${name} ${values.map((one) => one.toFixed(0)).join(' ')} MiB/s with ${(processor[name as Name] / gibibytes).toFixed(2)} s of processor a GiB`) // prettier-ignore
        process.stdout.write(`  ${all.join(', ')}; load ${loadavg()[0]!.toFixed(1)}\n`)
        tell(`${scheme.toUpperCase()}, ${clients} clients, ${mebibytes} MiB ${way}`, median(rates.ours), median(rates.nginx), 'MiB/s', 0.8) // prettier-ignore
      }
    // By their own way: workers of nginx outlive a master that is killed.
    await Promise.all([running.ours.stop(), running.nginx.stop()])
  } finally {
    await bench.close()
  }
}
