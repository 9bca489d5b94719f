/** The boot that the page is at: which attempt its place means, what is told of it, and the keys that go on from there. */
import { useEffect, useMemo, useState } from 'react'
import type { Client } from '#shared/contract/calls.ts'
import { givenNames } from '#shared/lab/given-names.ts'
import { call } from '../connection.ts'
import { isTyping } from '../parts/typing.ts'
import { useStore } from '../store.ts'
import { vendorText } from '../parts/vendor.ts'
import type { ExplainedAttempt, SourceState } from './answers.ts'
import { ask } from './client.ts'
import { show, type Place } from './places.ts'
import { prefer, usePreferences } from './preferences.ts'
import { live } from './source-names.ts'
import { useAsked } from './use-asked.ts'

/** In a storm the newest attempt is another one each time one looks: beyond so many the page stays where it is. */
const mostAtOnce = 3

/** The attempt that a place means. Live it is the newest one where the place names none, also when the next one begins. */
export function useAttemptAt(place: Place, state: SourceState | undefined): number | undefined {
  const { source, machine, attempt, frame } = place
  const attempts = state?.attempts ?? 0
  const isFollowing = source === live && attempt === undefined && machine === undefined && frame === undefined
  const found = useAsked(
    attempts === 0 ? undefined : [source, machine, attempt, frame, attempts].join(' '),
    async () => ({ source, number: await ask('attemptAt', source, { machine, attempt, frame }) }),
    (before, after) =>
      before.source === after.source &&
      isFollowing &&
      before.number !== undefined &&
      after.number !== undefined &&
      after.number - before.number > mostAtOnce,
  )
  // The address is right at once; what is asked for takes a moment.
  if (attempt !== undefined && attempt <= attempts) return attempt
  return found?.source === source ? found.number : undefined
}

/** Most of what comes in live concerns other machines: what is the same is not drawn again. */
const isSame = (before: ExplainedAttempt | undefined, value: ExplainedAttempt | undefined): boolean =>
  before?.source === value?.source &&
  before?.number === value?.number &&
  before?.svg === value?.svg &&
  before?.name === value?.name &&
  before?.explanation.headline === value?.explanation.headline &&
  before?.explanation.sentences.map((one) => one.text).join('\n') ===
    value?.explanation.sentences.map((one) => one.text).join('\n')

interface BootView {
  /** In pixels. */
  readonly width: number
  readonly unfolded: readonly number[]
}

/** What is told of an attempt, asked again while it changes. */
export function useExplained(
  source: string,
  attempt: number | undefined,
  state: SourceState | undefined,
  { width, unfolded }: BootView,
): ExplainedAttempt | undefined {
  const spacing = usePreferences((one) => one.spacing)
  const zoom = usePreferences((one) => one.zoom)
  const [seconds, setSeconds] = useState(0)
  const explained = useAsked(
    attempt === undefined || width < 100
      ? undefined
      : [source, attempt, state?.version, width, spacing, zoom, unfolded.join(','), seconds].join(' '),
    () => ask('explain', source, attempt!, { width, spacing, zoom, unfolded }),
    isSame,
  )
  const waits = source === live && explained?.explanation.outcome === 'waiting'
  useEffect(() => {
    if (!waits) return
    // What is due counts down though nothing comes.
    const timer = window.setInterval(() => setSeconds((one) => one + 1), 1000)
    return () => window.clearInterval(timer)
  }, [waits])
  return explained?.number === attempt && explained?.source === source ? explained : undefined
}

const known = new Map<string, string>()

/** Makers of network cards, asked for once each and told to the engine, which writes them on lanes. */
export function useVendors(names: readonly string[]): ReadonlyMap<string, string> {
  const [vendors, setVendors] = useState<ReadonlyMap<string, string>>(known)
  const wanted = names.filter((name) => name.includes(':') && !known.has(name)).slice(0, 500)
  const key = wanted.join(' ')
  useEffect(() => {
    if (key === '') return
    const macs = key.split(' ')
    for (const mac of macs) known.set(mac, '')
    // Without a connection the makers are left out; they are no reason to complain.
    void call('vendors.find', { macs })
      .catch(() => [])
      .then((found) => {
        for (const [index, mac] of macs.entries()) known.set(mac, vendorText(found[index] ?? ''))
        const all = new Map(known)
        setVendors(all)
        return ask('setVendors', all)
      })
  }, [key])
  return vendors
}

/** Names that people gave to the machines of this lab; of what is live also by address. */
export function useNames(source: string): void {
  const lab = useStore((one) => one.lab?.lab)
  const clients = useStore((one) => one.clients)
  const key = useMemo(() => namesKey(source, lab, clients), [source, lab, clients])
  useEffect(() => {
    void ask('setNames', source, new Map(JSON.parse(key) as [string, string][]))
  }, [source, key])
}

function namesKey(source: string, lab: Parameters<typeof givenNames>[0], clients: ReadonlyMap<string, Client>): string {
  const names = new Map<string, string>()
  const add = (name: string | null | undefined, mac: string | undefined, address: string | null | undefined): void => {
    if (!name) return
    if (mac !== undefined) names.set(mac.toLowerCase(), name)
    if (address && source === live) names.set(address, name)
  }
  const holders = new Map<string | null, number>()
  for (const { address } of clients.values()) holders.set(address, (holders.get(address) ?? 0) + 1)
  for (const { name, mac, address } of clients.values()) add(name, mac, holders.get(address) === 1 ? address : null)
  const { byMac, byAddress } = givenNames(lab)
  for (const [mac, name] of byMac) add(name, mac, undefined)
  for (const [address, name] of byAddress) add(name, undefined, address)
  return JSON.stringify([...names])
}

/** Single letters, while nobody writes: packets, attempts, problems, spacing, mark. */
export function useFlowKeys(place: Place, attempt: number | undefined, onMark: () => void): void {
  useEffect(() => {
    const { source, frame, filter } = place
    // A packet of another boot takes the page there; one of none leaves it where it is.
    const toFrame = (next: { frame: number; attempt: number | undefined } | undefined): void => {
      if (next) show({ source, attempt: next.attempt ?? attempt, frame: next.frame, filter })
    }
    const toAttempt = (next: number | undefined): void => {
      if (next !== undefined) show({ source, attempt: next, frame: undefined, filter })
    }
    const actions: Readonly<Record<string, () => void>> = {
      n: () => void ask('stepFrom', source, frame, 1).then(toFrame),
      p: () => void ask('stepFrom', source, frame, -1).then(toFrame),
      ']': () => void ask('neighbour', source, attempt, 1).then(toAttempt),
      '[': () => void ask('neighbour', source, attempt, -1).then(toAttempt),
      x: () => {
        if (attempt === undefined) return
        void ask('nextProblem', source, attempt, frame).then(
          (next) => next !== undefined && show({ source, attempt, frame: next, filter }),
        )
      },
      e: () => prefer({ spacing: 'even' }),
      t: () => prefer({ spacing: 'scale' }),
      m: onMark,
    }
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      const action = actions[event.key]
      if (!action) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [place, attempt, onMark])
}
