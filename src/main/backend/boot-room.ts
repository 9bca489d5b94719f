/**
 * The frames of the lab, what they tell of each boot, and both on the disk: what a second window, a reload and a restart show.
 * The model works in a thread of its own, which is handed the same pieces as windows are, one at a time.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { logLineSchema, type LogLine, type Verdict } from '#shared/contract/calls.ts'
import { makeOwnFolder, readOwnFile } from '../files/own-file.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { startThread, type Thread } from '../io/worker-thread.ts'
import { FrameHistory, readHistory } from '../observe/frame-history.ts'
import type { LiveFrames } from '../observe/live-frames.ts'
import type { FromModel, ToModel } from '../observe/model-messages.ts'
import type { SettledBoot } from '../observe/verdict.ts'
import { keptBookSchema, type ClientBook } from './client-book.ts'
import type { LogBook } from './log-book.ts'

const bookFile = 'book.json'
const pieceBytes = 512 * 1024
/** How often what is known of machines and the log is written, where it changed. */
const keepEveryMs = 3000
/** A thread that is told to end may finish what it has; a console window that is closed leaves five seconds for everything. */
const drainMs = 1500
/** What cannot be written, for a cause that comes and goes, is told of that often at most. */
const quietMs = 600_000
/** A thread that ended is started again so often, and then no more: what it stumbles over comes again. */
const mostStarts = 5

const modelWorker = (): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL('../observe/model-worker.ts', import.meta.url)
    : new URL('./model-worker.js', import.meta.url)

const keptSchema = z.object({ version: z.literal(1), book: keptBookSchema, log: z.array(logLineSchema) })

export interface BootRoomOptions {
  readonly frames: LiveFrames
  readonly clients: ClientBook
  readonly log: LogBook
  /** Path of a file in the state folder; undefined where the lab has none. */
  readonly stateFile: (name: string) => string | undefined
  readonly onVerdict: (verdict: Verdict) => void
  /** Nothing more is awaited of this boot. */
  readonly onSettled: (boot: SettledBoot) => void
  readonly warn: (message: string) => void
}

export class BootRoom {
  readonly #options: BootRoomOptions
  #thread: Thread | undefined
  #starts = 0
  /** The last frame that was handed to the model, and the last that lies on the disk. */
  #handed = 0
  #keptUntil = 0
  #isUnderWay = false
  /** Of how many `clear` the thread has not told the end, and the folder that is to be empty where the last of them forgot. */
  #clearsUnderWay = 0
  #uncleared: string | undefined
  #folder: string | undefined
  #keeper: NodeJS.Timeout | undefined
  #keptText = ''
  /** What cannot be written now, and when each cause was told: a disk that is full now and then is told of now and then. */
  readonly #unwritten = new Map<'book' | 'frames', string>()
  readonly #warnedAt = new Map<string, number>()
  #onEnded = (): void => {}
  #writing: Promise<void> = Promise.resolve()

  constructor(options: BootRoomOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    await this.#restore()
    this.#start()
    this.#keeper = setInterval(() => void this.#keep(), keepEveryMs)
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    clearInterval(this.#keeper)
    if (!this.#thread) return
    // What came last is written too.
    this.tick()
    await this.#drained()
    await this.#thread.stop()
    this.#thread = undefined
    // What was forgotten does not come back because the thread had no time for it.
    if (this.#uncleared !== undefined) this.#clearHere(this.#uncleared)
    await this.#keep()
  }

  /** Resolves when the thread has done what it was told, or has had its time. */
  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onEnded = resolve
    this.#send({ type: 'end' })
    await Promise.race([promise, delay(drainMs, undefined, { ref: false })])
  }

  /** The lab is another one: its boots are others too. Whether they are. */
  async move(): Promise<boolean> {
    if (this.#options.stateFile('history') === this.#folder) return false
    await this.#keep()
    const { frames, clients, log } = this.#options
    frames.reset()
    clients.clear()
    log.clear()
    this.#send({ type: 'clear', isDeleted: false })
    this.#handed = frames.last
    await this.#restore()
    this.#send({ type: 'folder', folder: this.#folder })
    return true
  }

  /** The state folder of this lab is another one from now on; what was in the one before has moved along. */
  follow(): void {
    const folder = this.#options.stateFile('history')
    if (folder === this.#folder) return
    this.#folder = folder
    this.#keptText = ''
    this.#send({ type: 'folder', folder })
  }

  /** Forgets the frames, here and on the disk; by the name that is returned they can be taken back. */
  clear(): string {
    const id = this.#options.frames.clear()
    this.#handed = this.#options.frames.last
    this.#uncleared = this.#folder
    this.#sendClear()
    return id
  }

  /** Takes back a `clear`: model and disk are handed everything anew. False where it is not kept any more. */
  takeBack(id: string): boolean {
    const { frames } = this.#options
    const before = frames.last
    if (!frames.takeBack(id)) return false
    this.#uncleared = undefined
    this.#sendClear()
    this.#handed = before
    this.tick()
    return true
  }

  /** Hands over what has come since, one piece at a time: a thread that is busy is not given more. */
  tick(): void {
    const { frames } = this.#options
    if (this.#isUnderWay || !this.#thread || frames.last <= this.#handed) return
    const isKept = this.#handed < this.#keptUntil
    const { pcapng, last } = frames.read(this.#handed, pieceBytes, isKept ? this.#keptUntil : undefined)
    this.#handed = last
    this.#isUnderWay = true
    this.#send({ type: 'frames', pcapng, isKept })
  }

  #send(message: ToModel): void {
    this.#thread?.send(message)
  }

  #sendClear(): void {
    this.#clearsUnderWay++
    this.#send({ type: 'clear', isDeleted: true })
  }

  #clearHere(folder: string): void {
    this.#uncleared = undefined
    try {
      new FrameHistory(folder).clear()
    } catch (error) {
      this.#warnUnwritten('frames', error)
    }
  }

  #start(): void {
    this.#starts++
    this.#clearsUnderWay = 0
    this.#isUnderWay = false
    this.#thread = startThread<FromModel>({
      file: modelWorker(),
      onMessage: (message) => this.#hear(message),
      onLost: (reason) => this.#lost(reason),
    })
    this.#send({ type: 'folder', folder: this.#folder })
    if (this.#uncleared !== undefined && this.#uncleared === this.#folder) this.#sendClear()
  }

  #lost(reason: string): void {
    this.#thread = undefined
    const { frames, warn } = this.#options
    warn(`what explains the boots ended unexpectedly (${reason}); ${this.#starts < mostStarts ? 'it goes on with the next packets' : 'verdicts stay as they are until PXE Lab is started again'}`) // prettier-ignore
    // Behind what it stumbled over.
    this.#handed = frames.last
    if (this.#starts < mostStarts) this.#start()
  }

  #hear(message: FromModel): void {
    switch (message.type) {
      case 'taken':
        this.#isUnderWay = false
        return this.tick()
      case 'cleared':
        this.#clearsUnderWay--
        if (this.#clearsUnderWay === 0) this.#uncleared = undefined
        return
      case 'ended':
        // What came meanwhile is on its way before the end is asked for again.
        if (this.#isUnderWay) return this.#send({ type: 'end' })
        return this.#onEnded()
      case 'verdicts':
        for (const verdict of message.verdicts) this.#options.onVerdict(verdict)
        return
      case 'settled':
        for (const boot of message.boots) this.#options.onSettled(boot)
        return
      case 'unwritten':
        if (message.code === undefined) this.#unwritten.delete('frames')
        else this.#warnUnwritten('frames', Object.assign(new Error(message.code), { code: message.code }))
    }
  }

  #warnUnwritten(part: 'book' | 'frames', error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException
    const cause = code ?? message
    const stands = [...this.#unwritten.values()].includes(cause)
    this.#unwritten.set(part, cause)
    const now = performance.now()
    if (stands || now - (this.#warnedAt.get(cause) ?? -Infinity) < quietMs) return
    this.#warnedAt.set(cause, now)
    this.#options.warn(`the history of boots cannot be written to ${this.#folder} (${cause}): a restart will not show what happens now. ${writeRemedy(error)}`) // prettier-ignore
  }

  async #restore(): Promise<void> {
    const { frames, clients, log, warn, stateFile } = this.#options
    this.#folder = stateFile('history')
    this.#keptText = ''
    if (this.#folder === undefined) return
    for (const problem of readHistory(this.#folder, (frame, from) => frames.restore(frame, from))) warn(problem)
    this.#keptUntil = frames.last
    const path = join(this.#folder, bookFile)
    try {
      const { text } = await readOwnFile(path)
      const kept = keptSchema.parse(JSON.parse(text))
      clients.restore(kept.book)
      log.restore(kept.log)
      this.#keptText = text
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return
      warn(`${path} cannot be read (${code ?? 'it is damaged'}); machines and log begin anew.`)
    }
  }

  #keep(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const { clients, log } = this.#options
    const folder = this.#folder
    if (folder === undefined) return
    const path = join(folder, bookFile)
    const kept: { version: 1; book: ClientBook['kept']; log: readonly LogLine[] } = {
      version: 1,
      book: clients.kept,
      log: log.lines,
    }
    if (kept.book.clients.length === 0 && kept.log.length === 0) return
    const text = JSON.stringify(kept)
    if (text === this.#keptText) return
    try {
      makeOwnFolder(folder)
      await replaceFile(path, text, { mode: 0o600, refusesLinks: true })
      this.#keptText = text
      this.#unwritten.delete('book')
    } catch (error) {
      this.#warnUnwritten('book', error)
    }
  }
}
