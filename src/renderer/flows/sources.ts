/** What can be looked at: the live frames, captures of the lab, files that were dropped or chosen. */
import { t } from '#messages/text.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { call } from '../connection.ts'
import { attempt, useStore } from '../store.ts'
import { ask, forget, useSources } from './client.ts'
import { forgetPlace, show, startOf } from './places.ts'
import { bootOfSource, isOfSite, isSaved, live, nameOfSource } from './source-names.ts'

const pieceBytes = 1024 * 1024

/** Files of this window; a reload forgets them, for a page may not open files by itself. */
const files = new Map<string, File>()
const openings = new Map<string, Promise<unknown>>()

export const knowsFile = (source: string): boolean => files.has(source)
export const openFiles = (): string[] => [...files.keys()]

/** Opens a file that was dropped or chosen, and goes there. */
export function openFile(file: File): void {
  const source = `file:${file.name}`
  files.set(source, file)
  openings.delete(source)
  forgetPlace(source)
  show(startOf(source), false)
  void openSource(source)
}

/** Opens a capture that was chosen outside the page: by the menu, the command line, a double click. */
export async function openAddress(name: string, url: string): Promise<void> {
  await attempt(t('flows.open'), async () => {
    const answer = await fetch(url)
    if (!answer.ok)
      throw new CallFailure(
        t('flows.cannot-read', { name, reason: await answer.text() }),
        t('flows.check-file-readable'),
      )
    openFile(new File([await answer.blob()], name))
  })
}

/** Whole captures come over the connection, a piece at a time. */
async function fetchWhole(read: (at: number) => Promise<{ base64: string; bytes: number }>): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; ;) {
    const { base64, bytes } = await read(at)
    if (bytes === 0) return new Blob(pieces)
    pieces.push(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
    at += bytes
  }
}

/** Makes sure that a source is open or being opened. */
export async function openSource(source: string): Promise<void> {
  if (source === live) return startLive()
  if (openings.has(source)) return
  const opening = attempt(t('flows.open'), async () => {
    let listenedMs: number | undefined
    const file = isSaved(source)
      ? await fetchWhole((at) => call('captures.read', { name: nameOfSource(source), at }))
      : isOfSite(source)
        ? await fetchWhole(async (at) => {
            const part = await call('sites.capture', { boot: bootOfSource(source), at })
            listenedMs = part.listenedMs ?? undefined
            return part
          })
        : files.get(source)
    if (!file) return
    // What is wrong with the file stands on its page.
    await ask('open', source, file, listenedMs)
  })
  openings.set(source, opening)
  await opening
}

export function closeSource(source: string): void {
  files.delete(source)
  openings.delete(source)
  void ask('close', source)
  forget(source)
  forgetPlace(source)
}

let fetched = 0
let fetchedOf: number | undefined
let isFetching = false
let isFollowing = false

async function fetchLive(): Promise<void> {
  if (isFetching) return
  isFetching = true
  let fed: Promise<unknown> = Promise.resolve()
  try {
    for (;;) {
      const { last, generation } = useStore.getState().frameRange
      // Cleared, put back, or another run of the back end.
      if (generation !== fetchedOf) {
        const isFirst = fetchedOf === undefined
        fetchedOf = generation
        fetched = 0
        if (!isFirst) {
          await fed
          await ask('close', live)
          forget(live)
          knowState()
        }
      }
      if (fetched >= last) return
      const piece = await call('frames.read', { after: fetched, mostBytes: pieceBytes })
      if (piece.last === fetched) return
      fetched = piece.last
      // The next piece is on its way while this one is analysed.
      await fed
      fed = ask('feed', live, piece.base64)
    }
  } catch {
    // The connection went: what is missing is fetched when it is back.
  } finally {
    isFetching = false
  }
}

function knowState(): void {
  void ask('state', live).then((state) => {
    if (useSources.getState().states.has(live)) return
    const states = new Map(useSources.getState().states)
    useSources.setState({ states: states.set(live, state) })
  })
}

function startLive(): void {
  knowState()
  void fetchLive()
  if (isFollowing) return
  isFollowing = true
  useStore.subscribe((state, before) => {
    if (state.frameRange !== before.frameRange) void fetchLive()
  })
}

/** Every window hears of it, this one too; the name of what was cleared. */
export async function clearLive(): Promise<string> {
  const { id } = await call('frames.clear', {})
  startLive()
  return id
}
