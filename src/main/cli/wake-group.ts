/** `pxe-lab wake --group`: a group of machines in its order, woken and watched by the lab that is served. */
import { t } from '#messages/text.ts'
import type { GroupRunInfo } from '#shared/contract/calls.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { onStop } from '../stop.ts'
import { askLab, NotServed } from '../web/lab-command.ts'
import { exitCodes } from './exit-codes.ts'
import { servedState } from './served-state.ts'

const lookEveryMs = 1000

const words = {
  waiting: t('cli.wake-waits'),
  asked: t('cli.wake-asked'),
  booting: t('cli.boots'),
  booted: t('cli.wake-booted'),
  failed: t('cli.wake-failed'),
  'left-out': t('cli.left-out'),
} as const

/** 0 all booted, 1 not all, or no lab is served. */
export async function wakeGroup(name: string, config: string): Promise<number> {
  const stop = new AbortController()
  onStop(() => stop.abort())
  try {
    return await askLab(await servedState(config, '--config'), async (call) => {
      const shown = new Map<string, string>()
      const show = ({ machines }: GroupRunInfo): void => {
        for (const one of machines) {
          const detail = one.step === 'asked' || one.detail === '' ? '' : `: ${one.detail}`
          const line = `${one.name} (${one.group}) ${words[one.step]}${detail}`
          if (shown.get(one.mac) !== line && one.step !== 'waiting') process.stdout.write(`${line}\n`)
          shown.set(one.mac, line)
        }
      }
      let run: GroupRunInfo | null = await call('groups.wake', { name })
      for (let isCancelled = false; run && !run.isOver; run = await call('groups.read', {})) {
        show(run)
        if (stop.signal.aborted && !isCancelled) {
          isCancelled = true
          await call('groups.cancel', {})
          continue
        }
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, lookEveryMs)
          stop.signal.addEventListener('abort', () => (clearTimeout(timer), resolve(undefined)), { once: true })
        })
      }
      if (run) show(run)
      return run?.machines.every(({ step }) => step === 'booted') ? exitCodes.ok : exitCodes.failed
    })
  } catch (error) {
    if (!(error instanceof NotServed || error instanceof CallFailure)) throw error
    process.stderr.write(`pxe-lab: ${error.message}. ${error.remedy}\n`)
    return exitCodes.failed
  }
}
