/** The first steps, ticked by what happens: nobody ticks them by hand. */
import { t } from '#messages/text.ts'
import { useEffect } from 'react'
import { create } from 'zustand'
import type { Boot, LabState, Status } from '#shared/contract/calls.ts'
import { useRoute } from '../route.ts'
import { useStore } from '../store.ts'

export const steps = [
  { id: 'lab', says: t('start.lab-says'), address: '#/lab', article: 'guide/first-boot.md' },
  { id: 'files', says: t('start.files-says'), address: '#/files', article: 'guide/boot-files.md' },
  { id: 'started', says: t('start.start-responder'), address: '#/lab', article: 'guide/first-boot.md' },
  { id: 'asked', says: t('start.asked-says'), address: '#/clients', article: 'guide/first-boot.md' },
  { id: 'booted', says: t('start.booted-says'), address: '#/clients', article: 'guide/first-boot.md' },
  { id: 'read', says: t('start.read-says'), address: '#/flows', article: 'guide/reading-a-ladder.md' },
] as const
export type Step = (typeof steps)[number]['id']

const key = 'pxe-lab-first-steps'

interface Done {
  readonly done: ReadonlySet<Step>
  /** Whether somebody has put the list away. */
  readonly isHidden: boolean
}

function read(): Done {
  try {
    const value = JSON.parse(localStorage.getItem(key) ?? '{}') as { done?: unknown; isHidden?: unknown } | null
    const done = Array.isArray(value?.done) ? value.done : []
    return { done: new Set(steps.map(({ id }) => id).filter((id) => done.includes(id))), isHidden: value?.isHidden === true } // prettier-ignore
  } catch {
    return { done: new Set(), isHidden: false }
  }
}

export const useFirstSteps = create<Done>(read)

function keep(next: Done): void {
  localStorage.setItem(key, JSON.stringify({ done: [...next.done], isHidden: next.isHidden }))
  useFirstSteps.setState(next)
}

export const hideFirstSteps = (isHidden: boolean): void => keep({ ...useFirstSteps.getState(), isHidden })

/** What is done: of a lab that is there and invalid nothing was chosen that holds. */
export const stepsDone = (
  done: ReadonlySet<Step>,
  lab: Pick<LabState, 'exists' | 'lab'> | undefined,
): ReadonlySet<Step> => (lab?.exists && lab.lab === null ? new Set([...done].filter((one) => one !== 'lab')) : done)

/** What the state of the lab shows to be done. */
export function stepsSeen(
  lab: Pick<LabState, 'exists' | 'lab'> | undefined,
  status: Pick<Status, 'state'> | undefined,
  clients: Iterable<{ readonly boots: readonly Pick<Boot, 'stage' | 'outcome'>[] }>,
  hasFiles: boolean,
): Step[] {
  const all = [...clients]
  // A question of PXE Lab itself is no machine, and a phone does not ask to boot.
  const boots = all.flatMap((one) => one.boots).filter(({ outcome }) => outcome !== 'check' && outcome !== 'idle')
  const runs = status?.state === 'responding' || status?.state === 'listening'
  return [
    ...(lab?.exists && lab.lab !== null ? (['lab'] as const) : []),
    ...(hasFiles ? (['files'] as const) : []),
    ...(runs ? (['started'] as const) : []),
    ...(boots.length > 0 ? (['asked'] as const) : []),
    ...(boots.some(({ stage }) => stage === 'started' || stage === 'loaded') ? (['booted'] as const) : []),
  ]
}

function tick(seen: readonly Step[]): void {
  const { done, isHidden } = useFirstSteps.getState()
  if (seen.some((one) => !done.has(one))) keep({ done: new Set([...done, ...seen]), isHidden })
}

/** Watches what happens; mounted once. `hasFiles`: whether the boot folder holds a file. */
export function useTicking(): void {
  const { page } = useRoute()
  const lab = useStore((one) => one.lab)
  const status = useStore((one) => one.status)
  const done = useFirstSteps((one) => one.done)
  const isComplete = done.size === steps.length
  // Hundreds of clients change a few times a second: they concern nobody once all is ticked.
  const clients = useStore((one) => (isComplete ? undefined : one.clients))
  useEffect(() => {
    if (clients) tick(stepsSeen(lab, status, clients.values(), false))
  }, [lab, status, clients])
  useEffect(() => {
    if (page === 'flows' && (clients?.size ?? 0) > 0) tick(['read'])
  }, [page, clients])
}

export const tickFiles = (): void => tick(['files'])
