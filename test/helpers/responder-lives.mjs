/**
 * Starts and stops a real responder in a namespace, at random moments, and prints for each seed what was left behind:
 * `node responder-lives.mjs LAB-FILE FIRST-SEED LAST-SEED`.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parse } from 'yaml'
import { labSchema } from '#shared/lab/lab.ts'
import { listInterfaces, selectInterfaces } from '../../src/main/responder/interfaces.ts'
import { Responder } from '../../src/main/responder/responder.ts'
import { ResponderLife } from '../../src/main/responder/responder-life.ts'
import { openUdpPort } from '../../src/main/responder/udp-port.ts'

const [labFile, firstSeed, lastSeed] = process.argv.slice(2)
const lab = labSchema.parse(parse(readFileSync(labFile, 'utf8')))
const inLab = (path) => resolve(dirname(labFile), path)

/** A generator of xorshift kind: the same seed, the same moments. */
const randomOf = (seed) => {
  let state = seed * 2_654_435_761 + 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Which ports of the lab are held at this moment, by whomever. */
async function heldPorts() {
  const { found } = selectInterfaces([lab.interface], listInterfaces())
  const held = []
  for (const port of Object.values(lab.ports)) {
    try {
      const opened = await openUdpPort({ interface: found[0], port, onDatagram: () => {}, onError: () => {} })
      await opened.close()
    } catch (error) {
      held.push(`${port} ${error.code}`)
    }
  }
  return held
}

for (let seed = Number(firstSeed); seed <= Number(lastSeed); seed++) {
  const random = randomOf(seed)
  const told = []
  const life = new ResponderLife(({ state }) => told.push(state))
  const make = () =>
    new Responder({
      lab,
      labFile,
      bootFolder: inLab(lab.boot.files),
      stateFolder: inLab(lab.state),
      uploadFolder: undefined,
      tell: () => {},
    })
  const calls = Array.from({ length: 3 + random(6) }, async () => {
    await delay(random(120))
    return random(3) === 0 ? life.stop() : life.start(make)
  })
  const states = await Promise.race([Promise.all(calls), delay(15_000, 'a call did not settle')])
  const isRunning = life.state.state === 'running'
  const whileThere = await heldPorts()
  await life.close('the end')
  const after = await heldPorts()
  const error = life.state.state === 'failed' ? String(life.state.error) : undefined
  process.stdout.write(
    `${JSON.stringify({ seed, settled: Array.isArray(states), isRunning, held: whileThere.length, after, told, error })}\n`,
  )
}
process.exit(0)
