/** An agent that hears from the responder of a lab what passes: it needs no right to capture, and gets what the responder decided too. */
import { t } from '#messages/text.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { FrameFeed } from '../agent/frame-feed.ts'
import { Position } from '../agent/position.ts'
import { askLab } from '../web/lab-command.ts'
import { exitCodes } from './exit-codes.ts'
import type { HubLink } from './hub-link.ts'
import { servedState } from './served-state.ts'
import { UsageError } from './usage-error.ts'

const askEveryMs = 500
const retryMs = 2000
const pieceBytes = 1 << 20

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

/** Resolves with what ends it; with an exit code where the lab file cannot be read, which has been told. */
export async function listenBeside(link: HubLink, config: string): Promise<(() => Promise<void>) | number> {
  let stateFolder: string
  try {
    stateFolder = await servedState(config, '--beside')
  } catch (error) {
    if (error instanceof UsageError) return exitCodes.usage
    throw error
  }
  const position = new Position(link.folder)
  const newestNs = link.spool.newestNs()
  const kept = position.read()
  // What passed before there was an agent is not its own.
  const startNs = kept === undefined ? BigInt(Date.now()) * 1_000_000n : kept > newestNs ? kept : newestNs
  const feed = new FrameFeed(link, startNs)
  position.write(startNs)
  const stopping = new AbortController()
  let told = ''
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await askLab(stateFolder, async (call) => {
          link.isCapturing = true
          if (told !== '') process.stderr.write(`${t('cli.responder-answers-again')}\n`)
          told = ''
          // Numbers begin anew with each run of the back end: what of its history was taken before is known by its time.
          let { last: again, generation: known } = await call('frames.range', {})
          for (let after = 0; !stopping.signal.aborted;) {
            const { last, generation } = await call('frames.range', {})
            if (generation !== known) [after, again, known] = [0, last, generation]
            while (after < last) {
              const piece = await call('frames.read', { after, mostBytes: pieceBytes })
              if (piece.last <= after) break
              feed.push(Buffer.from(piece.base64, 'base64'), after < again)
              after = piece.last
            }
            position.write(feed.lastNs)
            await delay(askEveryMs, undefined, { signal: stopping.signal }).catch(() => {})
          }
        })
      } catch (error) {
        link.isCapturing = false
        const { message, remedy = '' } = error as Error & { remedy?: string }
        const text = t('cli.agent-tries-again', { message, remedy })
        if (text !== told) complain((told = text))
        await delay(retryMs, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  })()
  return async () => {
    stopping.abort()
    await running
    position.write(feed.lastNs)
  }
}
