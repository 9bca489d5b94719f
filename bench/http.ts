/**
 * HTTP and HTTPS boot beside nginx: 32 clients at once load 64 MiB each, whole and in ranges of 1 MiB over one connection, as wimboot
 * and image writers do. Both serve the same folder, with the same certificate.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { LabInput } from '#shared/lab/lab.ts'
import { certificateFile, issuedCertificate } from '../src/main/responder/https-certificate.ts'
import type { Running } from '../test/helpers/network.ts'
import { findTool } from '../test/helpers/requirements.ts'
import { Bench, median, server, tell } from './bench-network.ts'

const mebibytes = 64
const clients = 32
const rounds = 3
const names = ['http', 'https'] as const

type Scheme = (typeof names)[number]
type Way = 'whole' | 'in ranges'

/** What one client of curl does, as its configuration. */
const requests = (scheme: Scheme, way: Way): string => {
  const one = (range?: string): string =>
    [`url = "${scheme}://${server}/f${mebibytes}"`, 'output = "/dev/null"', 'insecure', 'fail', 'silent', 'show-error', 'write-out = "%{size_download}\\n"', ...(range === undefined ? [] : [`range = ${range}`])].join('\n') // prettier-ignore
  if (way === 'whole') return one()
  const bytes = 1024 ** 2
  return Array.from({ length: mebibytes }, (_, at) => one(`${at * bytes}-${(at + 1) * bytes - 1}`)).join('\nnext\n')
}

/** MiB a second of all clients together, from the first request to the last byte; every byte is counted. */
async function rate(bench: Bench, scheme: Scheme, way: Way, count: number): Promise<number> {
  const file = join(bench.root, 'curl')
  writeFileSync(file, requests(scheme, way))
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
      `    listen ${server}:80;`,
      `    listen ${server}:443 ssl;`,
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
    for (const scheme of names)
      for (const way of ['whole', 'in ranges'] as const) {
        const rates = { ours: [] as number[], nginx: [] as number[] }
        for (let round = 0; round < rounds; round++)
          for (const [name, start] of [
            ['ours', () => bench.lab(settings)],
            ['nginx', () => nginx(bench, pair)],
          ] as const) {
            const running = await start()
            // Caches and our compiler are warm for all but the first client.
            await rate(bench, scheme, way, 1)
            rates[name].push(await rate(bench, scheme, way, clients))
            await running.stop()
          }
        const all = Object.entries(rates).map(([name, values]) => `${name} ${values.map((one) => one.toFixed(0)).join(' ')}`) // prettier-ignore
        process.stdout.write(`  ${all.join(', ')} MiB/s\n`)
        tell(`${scheme.toUpperCase()}, ${clients} clients, ${mebibytes} MiB ${way}`, median(rates.ours), median(rates.nginx), 'MiB/s', 0.8) // prettier-ignore
      }
  } finally {
    await bench.close()
  }
}
