/** `pxe-lab approvals`: the machines that wait for approval in a lab that is served, and what is decided of them. */
import { t } from '#messages/text.ts'
import { formatTime } from '#shared/contract/format.ts'
import type { Approval } from '#shared/contract/calls.ts'
import { CallFailure, type ContractClient } from '#shared/contract/channel.ts'
import { parseMac } from '#shared/wire/bytes.ts'
import { padColumns } from '#shared/wire/columns.ts'
import { askLab, NotServed } from '../web/lab-command.ts'
import { exitCodes } from './exit-codes.ts'
import { servedState } from './served-state.ts'
import { UsageError } from './usage-error.ts'

export interface ApprovalsOptions {
  readonly config: string
  readonly state?: string
  readonly json?: boolean
}

export interface DecisionOptions extends ApprovalsOptions {
  readonly name?: string
  readonly remember?: boolean
}

export type Verdict = 'approve' | 'refuse' | 'name' | 'remember' | 'forget'

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

async function withLab(
  options: ApprovalsOptions,
  work: (call: ContractClient['call']) => Promise<number>,
): Promise<number> {
  try {
    return await askLab(options.state ?? (await servedState(options.config, '--config')), work)
  } catch (error) {
    if (!(error instanceof NotServed || error instanceof CallFailure)) throw error
    complain(`${error.message}. ${error.remedy}`)
    return exitCodes.failed
  }
}

const columns = ['request', 'mac', 'architecture', 'since', 'state', 'name'] as const
/** Of what is usual in each column. */
const widths = [7, 17, 12, 8, 23, 0]
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => padColumns(cell, widths[at]!))
    .join('  ')
    .trimEnd()

const described = ({ request, mac, architecture, since, state, name, isRemembered }: Approval): string => {
  const told = t(`cli.approval-${state}`)
  const kept = state !== 'pending' && !isRemembered ? t('cli.boot', { state: told }) : told
  return row([`${request}`.padStart(7), mac, architecture, formatTime(since), kept, name])
}

function print(all: readonly Approval[], json = false): void {
  if (json) return tell(JSON.stringify(all))
  tell(row(columns.map((one) => t(`cli.column-${one}`))))
  for (const one of all) tell(described(one))
}

/** Pending ones first. */
export function listApprovals(options: ApprovalsOptions): Promise<number> {
  return withLab(options, async (call) => {
    const all = await call('approvals.list', {})
    if (all.length > 0 || options.json) print(all, options.json)
    else {
      const { detail } = await call('status.read', {})
      tell(t('cli.no-machine-waits-approval', { detail: detail === '' ? t('cli.responder-stopped') : detail }))
    }
    return exitCodes.ok
  })
}

/** Requests by number or MAC address; `all` means those that are pending. Nothing is decided where one of them is not there. */
function chosen(wanted: readonly string[], all: readonly Approval[]): readonly Approval[] {
  const found = wanted.flatMap((one) => {
    if (one === 'all') return all.filter(({ state }) => state === 'pending')
    const mac = parseMac(one)
    const matches = all.filter(({ request, mac: own }) => (mac === undefined ? `${request}` === one : own === mac))
    if (matches.length > 0) return matches
    throw new CallFailure(t('cli.no-request', { one }), t('cli.pxe-lab-approvals-lists-them')) // prettier-ignore
  })
  return [...new Set(found)]
}

export function decide(verdict: Verdict, wanted: readonly string[], options: DecisionOptions): Promise<number> {
  const { name, remember } = options
  if (name !== undefined && name.length > 63) {
    complain(t('cli.name-characters-write-63-fewer', { name, length: name.length }))
    throw new UsageError('name')
  }
  return withLab(options, async (call) => {
    const requests = chosen(wanted, await call('approvals.list', {}))
    if (name !== undefined && requests.length > 1)
      throw new CallFailure(
        t('cli.machines-cannot-one-name', { length: requests.length }),
        t('cli.decide-them-one-one'),
      )
    const undecided = verdict === 'remember' ? requests.find(({ state }) => state === 'pending') : undefined
    if (undecided)
      throw new CallFailure(
        t('cli.request-still-pending', { request: undecided.request }),
        t('cli.approve-refuse-remember'),
      )
    if (requests.length === 0) tell(t('cli.no-machine-waits-approval-2'))
    for (const { request } of requests) {
      const change = verdict === 'name' || verdict === 'remember'
      const all = await call('approvals.decide', {
        request,
        verdict: change ? 'change' : verdict,
        ...(name === undefined ? {} : { name }),
        ...(verdict === 'remember' || remember ? { remember: true } : {}),
      })
      const now = all.find((one) => one.request === request)
      if (options.json) tell(JSON.stringify(now ?? { request, state: 'forgotten' }))
      else tell(now ? described(now).trimStart() : t('cli.request-off-list-machine-asks', { request }))
    }
    return exitCodes.ok
  })
}
