/** `pxe-lab next-boot`: what machines load at their next boot, once, in a lab that is served. */
import { t } from '#messages/text.ts'
import type { NextBootInfo } from '#shared/contract/calls.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { formatTime } from '#shared/contract/format.ts'
import { parseMac } from '#shared/wire/bytes.ts'
import { askLab, NotServed } from '../web/lab-command.ts'
import { exitCodes } from './exit-codes.ts'
import { labOf } from './lab-input.ts'
import { servedState } from './served-state.ts'
import { UsageError } from './usage-error.ts'
import { macOf } from './wake.ts'

export interface NextBootOptions {
  readonly config: string
  readonly localDisk?: boolean
  readonly undo?: boolean
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

function print(all: readonly NextBootInfo[], json = false): void {
  if (json) process.stdout.write(`${JSON.stringify(all)}\n`)
  else if (all.length === 0) process.stdout.write(`${t('cli.every-machine-loads-rules-say')}\n`)
  else
    for (const { mac, file, since, begunAt } of all)
      process.stdout.write(`${mac}  ${file ?? t('cli.local-disk')}  ${begunAt === null ? t('cli.waits-since', { since: formatTime(since) }) : t('cli.began', { time: formatTime(begunAt) })}\n`) // prettier-ignore
}

/** 0 done, 1 no lab is served or it cannot be set. */
export async function nextBoot(
  machine: string | undefined,
  file: string | undefined,
  { config, localDisk, undo, json }: NextBootOptions,
): Promise<number> {
  const said = [file !== undefined, localDisk === true, undo === true].filter(Boolean).length
  if (machine === undefined ? said > 0 : said !== 1) {
    complain(t('cli.name-machine-one-file-boot')) // prettier-ignore
    throw new UsageError('file')
  }
  const lab = machine === undefined || parseMac(machine) !== undefined ? undefined : (await labOf(config, '--config'))?.lab // prettier-ignore
  const mac = machine === undefined ? '' : macOf(machine, lab)
  try {
    return await askLab(await servedState(config, '--config'), async (call) => {
      if (machine === undefined) print(await call('nextBoots.list', {}), json)
      else print(undo ? await call('nextBoots.undo', { mac }) : await call('nextBoots.set', { mac, file: file ?? null }), json) // prettier-ignore
      return exitCodes.ok
    })
  } catch (error) {
    if (!(error instanceof NotServed || error instanceof CallFailure)) throw error
    complain(`${error.message}. ${error.remedy}`)
    return exitCodes.failed
  }
}
