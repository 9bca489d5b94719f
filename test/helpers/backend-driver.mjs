/**
 * The back end without a window, for tests and benches: a line of JSON on standard input is a call, a line on standard
 * output its answer or a push. `node backend-driver.mjs LAB-FILE`.
 */
import { openSync, readSync, closeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { handleMessage } from '#shared/contract/channel.ts'
import { Session } from '#shared/trace/session.ts'
import { Backend } from '../../src/main/backend/backend.ts'
import { ForkedResponder, responderLimits } from '../../src/main/responder-process/forked.ts'
import { mayTakePrecedence, yieldPrecedence } from '../../src/main/responder-process/precedence.ts'

const say = (message) => void process.stdout.write(`${JSON.stringify(message)}\n`)
// For tests that end the responder more often than a supervisor should put up with.
const patient = { ...responderLimits, longestPauseMs: responderLimits.firstPauseMs, mostRestarts: Infinity }
const isPatient = process.env['PXE_LAB_TEST_PATIENT'] !== undefined
// As `serve` does.
if (mayTakePrecedence()) yieldPrecedence()
const backend = new Backend(process.argv[2], new ForkedResponder(isPatient ? patient : responderLimits))
await backend.open()
backend.connect((message) => {
  // What a window fetches by itself is of no use here.
  if (['status', 'log', 'lab', 'counters'].includes(message.push)) say(message)
})

/** Reads a capture whole, as the page's worker does, in this very process: nothing keeps it busier. */
function analyse(file) {
  const session = new Session()
  const descriptor = openSync(file, 'r')
  const piece = Buffer.alloc(4 << 20)
  for (let length = readSync(descriptor, piece); length > 0; length = readSync(descriptor, piece))
    session.push(Uint8Array.from(piece.subarray(0, length)), true)
  closeSync(descriptor)
  session.end()
  return session.store.count
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { analyse: file, ...message } = JSON.parse(line)
    if (file !== undefined) say({ id: message.id, value: analyse(file) })
    else void handleMessage(backend.handlers, message, say)
  })
  .on('close', () => void backend.close().then(() => process.exit(0)))
say({ ready: true })
