/** The way from a student's browser to the class. A line that was lost is dialled again, and the seat is kept by its token. */
import { create } from 'zustand'
import {
  toStudentSchema,
  type ClassReport,
  type FromStudent,
  type Refusal,
  type StudentState,
} from '#shared/contract/classroom.ts'

export type WhyOut = Refusal | 'ended' | 'removed' | 'elsewhere' | 'unreachable'

interface Seat {
  /** `lost`: was in, and dials again. */
  readonly phase: 'out' | 'joining' | 'in' | 'lost'
  /** Why it is out, where somebody said. */
  readonly why: WhyOut | undefined
  readonly number: number
  readonly name: string
  readonly state: StudentState | undefined
}

export const useSeat = create<Seat>(() => ({ phase: 'out', why: undefined, number: 0, name: '', state: undefined }))
const set = useSeat.setState

/** The door says something every 10 s. */
const silentMs = 30_000
const longestRetryMs = 8000
/** What changes often is told so often at most. */
const reportMs = 500
const place = 'pxe-lab-class'

const memory = new Map<string, string>()
/** A browser that keeps nothing for this page has it until the page is closed. */
const kept = {
  read(): string | null {
    try {
      return localStorage.getItem(place)
    } catch {
      return memory.get(place) ?? null
    }
  },
  write(token: string | undefined): void {
    try {
      if (token === undefined) localStorage.removeItem(place)
      else localStorage.setItem(place, token)
    } catch {
      if (token === undefined) memory.delete(place)
      else memory.set(place, token)
    }
  },
}

let socket: WebSocket | undefined
let retryMs = 500
let retry: number | undefined
let silence: number | undefined
let report: ClassReport | null = null
let reportTimer: number | undefined

const send = (message: FromStudent): void => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
}

function tellReport(): void {
  reportTimer = undefined
  if (useSeat.getState().phase === 'in') send({ do: 'at', report })
}

/** Where this student is now. */
export function tellPlace(now: ClassReport | null): void {
  report = now
  reportTimer ??= window.setTimeout(tellReport, reportMs)
}

export const vote = (id: number, choice: number): void => send({ do: 'vote', vote: id, choice })

function out(why: WhyOut | undefined): void {
  window.clearTimeout(retry)
  window.clearTimeout(silence)
  const old = socket
  socket = undefined
  old?.close()
  set({ phase: 'out', why, state: undefined })
}

function hear(data: unknown): void {
  window.clearTimeout(silence)
  silence = window.setTimeout(() => socket?.close(), silentMs)
  const read = toStudentSchema.safeParse(data)
  // A door of a later version may say more.
  if (!read.success) return
  const told = read.data
  switch (told.tell) {
    case 'in':
      kept.write(told.token)
      retryMs = 500
      set({ phase: 'in', why: undefined, number: told.number, name: told.name })
      tellReport()
      break
    case 'class':
      set({ state: told.state })
      break
    case 'refused':
      // A token of another class says nothing to whoever is new here.
      if (told.why === 'gone') kept.write(undefined)
      out(told.why === 'gone' && useSeat.getState().name === '' ? undefined : told.why)
      break
    case 'ended':
      if (told.why !== 'elsewhere') kept.write(undefined)
      out(told.why)
      break
    case 'beat':
  }
}

function dial(first: FromStudent): void {
  window.clearTimeout(retry)
  const own = new WebSocket(`${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/class`)
  socket = own
  own.addEventListener('open', () => own === socket && send(first))
  own.addEventListener('message', (event: MessageEvent<string>) => {
    if (own === socket) hear(JSON.parse(event.data))
  })
  own.addEventListener('close', () => {
    if (own !== socket) return
    socket = undefined
    window.clearTimeout(silence)
    const token = kept.read()
    // Who was never in says it again; who was in has a seat.
    if (token === null) return out('unreachable')
    set({ phase: 'lost' })
    retry = window.setTimeout(() => dial({ do: 'back', token }), retryMs * (0.5 + Math.random()))
    retryMs = Math.min(retryMs * 2, longestRetryMs)
  })
}

export function join(code: string, name: string): void {
  kept.write(undefined)
  set({ phase: 'joining', why: undefined })
  dial({ do: 'join', code, name })
}

/** Takes the seat that this browser has, where it has one. */
export function comeBack(): void {
  const token = kept.read()
  if (token === null) return
  set({ phase: 'joining' })
  dial({ do: 'back', token })
}

export function leave(): void {
  kept.write(undefined)
  out(undefined)
}
