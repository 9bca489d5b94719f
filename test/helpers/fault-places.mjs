/**
 * Places of this program that touch the system, each with a fault in it and afterwards without, in a process of its own:
 * `node --import faulty-files.mjs fault-places.mjs FOLDER CASES`. A case is {place, faults}; printed is what each told,
 * and whether it did its work afterwards.
 */
import { mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { LeaseStore } from '../../src/main/responder/lease-store.ts'
import { RemedyEngine } from '../../src/main/remedy/engine.ts'
import { startWebServer } from '../../src/main/web/server.ts'
import { RotatingLog } from '../../src/main/workspace/rotating-log.ts'

const [, , folder, cases] = process.argv
const fail = (faults) => writeFileSync(process.env.FAULTS_FILE, JSON.stringify(faults))
const told = (error) => [error.message, error.remedy, error.code].filter(Boolean).join('. ')
const attempt = async (work) => {
  try {
    return { told: '', value: await work() }
  } catch (error) {
    return { told: told(error) }
  }
}

async function leases(faults) {
  const file = join(folder, 'state/leases.sqlite')
  const open = () => LeaseStore.open(file, new Date(), 'lab.yaml')
  const lease = { address: 7, key: 'k', mac: '52:54:00:00:00:01', state: 'bound', since: 1, until: 2 }
  const before = open()
  before.store.commit([lease])
  before.store.close()
  fail(faults)
  const broken = await attempt(open)
  broken.value?.store.close()
  fail({})
  const after = open()
  after.store.commit([{ ...lease, address: 8 }])
  after.store.close()
  const kept = after.leases.some((one) => one.address === 7)
  return {
    told: broken.told,
    serves: kept && !readdirSync(join(folder, 'state')).some((name) => name.includes('damaged')),
  }
}

async function journal(faults) {
  const unit = { active: 'active', file: 'enabled' }
  const run = async (program, values) => {
    const command = [program, ...values].join(' ')
    const [verb] = values
    if (verb === 'stop' || verb === 'start') unit.active = verb === 'stop' ? 'inactive' : 'active'
    else if (/^(en|dis)able$/.test(verb)) unit.file = `${verb}d`
    const output = verb === 'show' ? `LoadState=loaded\nActiveState=${unit.active}\nUnitFileState=${unit.file}\n` : ''
    return { command, code: 0, output }
  }
  const engine = new RemedyEngine(join(folder, 'remedies'), { system: 'linux', run, program: '' })
  const changes = [{ kind: 'service', name: 'dnsmasq', state: 'stopped', start: 'manual' }]
  fail(faults)
  const broken = await attempt(() => engine.apply('stop', changes))
  // Nothing is changed without a journal.
  const isUntouched = unit.active === 'active' && unit.file === 'enabled'
  fail({})
  const { id, phase } = await engine.apply('stop', changes)
  await engine.undo(id)
  return { told: broken.told, serves: isUntouched && phase === 'applied' && unit.active === 'active' }
}

async function log(faults) {
  const one = new RotatingLog({ folder: join(folder, 'logs'), name: 'lab' })
  const { write } = process.stderr
  let said = ''
  process.stderr.write = (text) => ((said += text), true)
  fail(faults)
  one.write(['lost'])
  one.write(['lost too'])
  fail({})
  one.write(['kept'])
  process.stderr.write = write
  const isOnce = said.split('cannot be written').length === 2
  return { told: said, serves: isOnce && readFileSync(one.path, 'utf8').trimEnd().endsWith('kept') }
}

const openNow = (name) =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).endsWith(name)
    } catch {
      return false
    }
  }).length

async function web({ code, ...faults }) {
  const pages = join(folder, 'pages')
  mkdirSync(pages, { recursive: true })
  writeFileSync(join(pages, 'index.html'), 'the page')
  writeFileSync(join(pages, 'large.bin'), Buffer.alloc(30_000_000))
  const errors = []
  const options = { backend: { handlers: {}, connect: () => () => {} }, pages, host: '127.0.0.1' }
  const server = await startWebServer({ ...options, port: 0, onError: (error) => errors.push(told(error)) })
  const { origin, port } = new URL(server.url)
  const page = async () => (await fetch(origin)).text()
  const broken = { told: '' }
  if (code === 'EADDRINUSE')
    Object.assign(broken, await attempt(() => startWebServer({ ...options, port: Number(port) })))
  else if (code === 'EPIPE' || code === 'ECONNRESET') {
    // Whoever asked hangs up in the middle: nobody is told, and nothing stays open.
    for (let count = 0; count < 20; count++)
      await new Promise((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () =>
          socket.write(`GET /large.bin HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`),
        )
        socket.once('data', () => (code === 'EPIPE' ? socket.destroy() : socket.resetAndDestroy()))
        socket.on('error', () => {}).on('close', resolve)
      })
    for (let waited = 0; openNow('large.bin') > 0 && waited < 200; waited++)
      await new Promise((go) => setTimeout(go, 10))
    broken.told = `${openNow('large.bin')} files stay open`
  } else {
    if (code === 'ENOENT') rmSync(join(pages, 'index.html'))
    fail(faults)
    await attempt(page)
    broken.told = errors.join(' ')
  }
  fail({})
  writeFileSync(join(pages, 'index.html'), 'the page')
  const serves = (await page()) === 'the page'
  await server.close()
  return { told: broken.told, serves }
}

const places = { leases, lock: leases, journal, log, web }
const results = []
for (const { place, faults } of JSON.parse(cases)) results.push(await places[place](faults))
process.stdout.write(JSON.stringify(results))
