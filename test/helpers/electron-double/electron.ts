/**
 * A double of the part of Electron's API that the shell uses, over Chromium: what the built shell imports as `electron`
 * where there is no Electron. Windows, dialogs and the tray are values that a test asks; the pages are real.
 */
import * as double from './exports.ts'

Object.defineProperty(process, 'versions', {
  value: Object.freeze({ ...process.versions, electron: '0.0.0-double', chrome: '0.0.0' }),
})

interface Evaluation {
  readonly id: number
  readonly source: string
  readonly argument: unknown
}

/** Runs what a test sends, as Playwright does in the real Electron. */
process.on('message', ({ id, source, argument }: Evaluation) => {
  void (async () => {
    try {
      // eslint-disable-next-line no-eval -- The test is the only one that can send.
      const work = (0, eval)(`(${source})`) as (electron: typeof double, argument: unknown) => unknown
      process.send?.({ id, value: await work(double, argument) })
    } catch (error) {
      process.send?.({ id, error: String((error as Error).stack ?? error) })
    }
  })()
})
process.on('disconnect', () => process.exit(1))

export * from './exports.ts'
export default double
