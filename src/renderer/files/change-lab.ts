/** Changes of the lab file that can be taken back. */
import { t } from '#messages/text.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import type { Args, LabState } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import type { BootProgramRule } from '#shared/machines/boot-policy.ts'
import { call } from '../connection.ts'
import { attempt, useStore } from '../store.ts'
import { offerUndo } from '../undo.tsx'

export type Rule = BootProgramRule

/** The rules of a lab file, whether or not its role lets them count; those that are checked have no undefined values. */
export const rulesOf = (lab: Lab): readonly Rule[] => lab.boot.programs as readonly Rule[]

type LabChanges = Args<'lab.change'>['changes']

/** Without a value the key is taken away. */
interface LabChange {
  readonly path: readonly (string | number)[]
  readonly value?: unknown
}

/** Says that the lab file has another text, and offers the one before; nothing where it is the same. */
function offerText(what: string, before: string | undefined, after: string): void {
  if (before === undefined || before === after) return
  const put = (text: string, expected: string) => async (): Promise<void> => {
    // What somebody else wrote meanwhile is not lost.
    if (useStore.getState().lab?.text !== expected)
      throw new CallFailure(t('files.lab-file-changed-since'), t('files.change-hand-page-settings'))
    await call('lab.write', { text })
  }
  offerUndo(what, put(before, after), put(after, before))
}

const textNow = (): string | undefined => {
  const { lab } = useStore.getState()
  return lab?.exists ? lab.text : undefined
}

/** Changes the lab file; `what` says afterwards what was done. Throws a CallFailure where it cannot be. */
export async function changeLabOrThrow(what: string, changes: readonly LabChange[]): Promise<void> {
  const before = textNow()
  const state = await call('lab.change', { changes: changes.map(({ path, ...rest }) => ({ path: [...path], ...rest })) as LabChanges }) // prettier-ignore
  offerText(what, before, state.text)
}

/** The same; what fails is told at the top of the page. False where it could not be. */
export const changeLab = async (what: string, changes: readonly LabChange[]): Promise<boolean> =>
  (await attempt(t('files.lab-file'), async () => (await changeLabOrThrow(what, changes), true))) === true

/** Replaces the text of the lab file. Throws a CallFailure where it cannot be. */
export async function writeLab(what: string, text: string): Promise<LabState> {
  const before = textNow()
  const state = await call('lab.write', { text })
  offerText(what, before, state.text)
  return state
}

/** Reserves an address for a machine in the lab file; what fails is told at the top of the page. */
export const reserve = (mac: string, address: string, hostname: string | null): Promise<unknown> =>
  attempt(t('files.reservation'), async () => {
    const before = textNow()
    const state = await call('reservations.add', { mac, address, ...(hostname ? { hostname } : {}) })
    offerText(t('files.reserved-holds-next-start', { address, mac }), before, state.text)
  })

export const changeRules = (what: string, rules: readonly Rule[]): Promise<boolean> =>
  changeLab(what, [{ path: ['boot', 'programs'], value: rules }])
