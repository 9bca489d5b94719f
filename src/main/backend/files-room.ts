/** The boot folder as windows see and fill it: a list, files that come in pieces, short texts. */
import { say } from '#messages/message.ts'
import { randomUUID } from 'node:crypto'
import { chownSync, existsSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { mkdir, open, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CallFailure } from '#shared/contract/channel.ts'
import type { DiscImage } from '#shared/contract/documents.ts'
import { IsoError } from '#shared/wire/iso/node.ts'
import type { BootChainReply, BootFiles, Handlers } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { eachPiece, keepAside } from '../files/aside.ts'
import { writeHelp } from '../files/replace-file.ts'
import { realPath } from '../files/real-path.ts'
import { isInside, openInside, OutsideError } from '../io/open-file.ts'
import { beginUpload, type UploadFile } from '../io/upload-file.ts'
import { BootFolder, readWhole, segmentsOf } from '../responder/boot-folder.ts'
import { chainsIn, revocationsIn } from '../inspect/boot-chains.ts'
import { describeImage } from '../inspect/disc-media.ts'
import { listBootFiles } from './boot-files.ts'

/** Files that may be on their way at once, of all windows together. */
const mostArriving = 16
/** A window that says nothing of its file for this long has gone. */
const silentMs = 60_000
/** Of a text that is edited in a window. */
const mostTextBytes = 256 * 1024

interface Arriving {
  readonly name: string
  readonly path: string
  readonly size: number
  readonly file: UploadFile
  bytes: number
  timer: NodeJS.Timeout
}

export interface FilesRoomOptions {
  /** Throws where there is no lab. */
  readonly lab: () => { readonly lab: Lab; readonly root: string }
  /** Where replaced files are kept for a while; undefined where the lab has no state folder of its own. */
  readonly aside: () => string | undefined
}

export class FilesRoom {
  readonly #options: FilesRoomOptions
  readonly #arriving = new Map<string, Arriving>()
  readonly handlers: Pick<
    Handlers,
    | 'files.list'
    | 'files.create'
    | 'files.chains'
    | 'files.image'
    | 'files.sizes'
    | 'files.begin'
    | 'files.append'
    | 'files.finish'
    | 'files.abort'
    | 'files.keep'
    | 'files.restore'
    | 'files.readText'
    | 'files.writeText'
  > = {
    'files.list': () => this.#list(),
    'files.create': async () => {
      await mkdir(this.#options.lab().root, { recursive: true })
      return this.#list()
    },
    'files.chains': ({ dbx }) => this.#chains(dbx),
    'files.image': ({ name }) => this.#image(name),
    'files.sizes': ({ names }) => this.#sizes(names),
    'files.begin': async ({ name, size, replaces }) => ({ id: await this.#begin(name, size, replaces) }),
    'files.append': ({ id, base64 }) => ({ bytes: this.#append(id, Buffer.from(base64, 'base64')) }),
    'files.finish': ({ id }) => this.#finish(id),
    'files.abort': ({ id }) => {
      this.#forget(id)?.file.discard()
      return null
    },
    'files.keep': async ({ name }) => ({ id: await this.#keep(name) }),
    'files.restore': ({ name, id }) => this.#restore(name, id),
    'files.readText': ({ name }) => this.#readText(name),
    'files.writeText': async ({ name, text, replaces }) => {
      const bytes = Buffer.from(text)
      const id = await this.#begin(name, bytes.length, replaces)
      this.#append(id, bytes)
      return this.#finish(id)
    },
  }

  constructor(options: FilesRoomOptions) {
    this.#options = options
  }

  /** Leaves nothing of a file that has not come whole. */
  close(): void {
    for (const id of this.#arriving.keys()) this.#forget(id)?.file.discard()
  }

  #list(): Promise<BootFiles> {
    const { lab, root } = this.#options.lab()
    return listBootFiles(lab, root)
  }

  #forget(id: string): Arriving | undefined {
    const one = this.#arriving.get(id)
    clearTimeout(one?.timer)
    this.#arriving.delete(id)
    return one
  }

  async #chains(dbx: { readonly name: string; readonly base64: string } | undefined): Promise<BootChainReply[]> {
    const { lab, root } = this.#options.lab()
    const revocations = dbx && revocationsIn(dbx.name, new Uint8Array(Buffer.from(dbx.base64, 'base64')))
    if (dbx && !revocations)
      throw new CallFailure(say('secure-boot.no-dbx', { name: dbx.name }), say('secure-boot.no-dbx-remedy'))
    try {
      return await chainsIn(root, lab.boot.programs.map((one) => one.file), revocations) // prettier-ignore
    } catch (error) {
      throw new CallFailure(
        say('room.boot-folder-unreadable', { folder: root, why: (error as Error).message }),
        say('room.create-it'),
      )
    }
  }

  #known(id: string): Arriving {
    const one = this.#arriving.get(id)
    if (!one) throw new CallFailure(say('room.nothing-arriving'), say('room.add-again'))
    one.timer.refresh()
    return one
  }

  async #begin(name: string, size: number, replaces: boolean): Promise<string> {
    const segments = segmentsOf(name)
    if (typeof segments === 'string')
      throw new CallFailure(say('room.bad-file-name', { name, why: segments }), say('room.rename-and-add'))
    if (this.#arriving.size >= mostArriving)
      throw new CallFailure(say('room.files-arriving', { count: mostArriving }), say('room.wait-for-files'))
    const { root: folder } = this.#options.lab()
    const unwritten = (error: unknown): CallFailure => {
      const { code, message } = error as NodeJS.ErrnoException
      return new CallFailure(say('room.not-written-into', { name, folder, why: code ?? message }), writeHelp(error))
    }
    try {
      const root = await realPath(folder)
      const { bavail, bsize } = await statfs(root)
      if (size > bavail * bsize)
        throw new CallFailure(
          say('room.disk-too-full', { name, size, folder, left: bavail * bsize }),
          say('room.free-space'),
        )
      const path = join(root, ...segments)
      const there = lstatSync(path, { throwIfNoEntry: false })
      if (there?.isDirectory()) throw new CallFailure(say('room.is-folder', { name }), say('room.other-name'))
      if (there && !replaces)
        throw existsSync(path)
          ? new CallFailure(say('room.is-there', { name }), say('room.replace-or-rename'))
          : new CallFailure(say('room.dead-link', { name }), say('room.replace-or-rename-file')) // prettier-ignore
      makeFolders(root, dirname(path))
      const id = randomUUID()
      const file = beginUpload(root, path, id.slice(0, 8), replaces)
      const timer = setTimeout(() => this.#forget(id)?.file.discard(), silentMs).unref()
      this.#arriving.set(id, { name, path, size, file, bytes: 0, timer })
      return id
    } catch (error) {
      throw error instanceof CallFailure ? error : unwritten(error)
    }
  }

  #append(id: string, bytes: Uint8Array): number {
    const one = this.#known(id)
    try {
      if (one.bytes + bytes.length > one.size) throw new Error('it is longer than was said')
      one.file.write(bytes)
      return (one.bytes += bytes.length)
    } catch (error) {
      throw this.#failed(id, error)
    }
  }

  async #finish(id: string): Promise<BootFiles> {
    const one = this.#known(id)
    try {
      if (one.bytes !== one.size) throw new Error(`${one.bytes} of its ${one.size} bytes came`)
      one.file.finish()
      this.#forget(id)
      likeFolder(one.path)
    } catch (error) {
      throw this.#failed(id, error)
    }
    return this.#list()
  }

  #failed(id: string, error: unknown): CallFailure {
    const name = this.#arriving.get(id)?.name ?? 'the file'
    this.#forget(id)?.file.discard()
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'EEXIST'
      ? new CallFailure(say('room.came-meanwhile', { name }), say('room.replace-or-rename'))
      : new CallFailure(say('room.not-written', { name, why: code ?? message }), writeHelp(error))
  }

  /** Null where it cannot be kept. */
  async #keep(name: string): Promise<string | null> {
    const aside = this.#options.aside()
    const segments = segmentsOf(name)
    if (aside === undefined || typeof segments === 'string') return null
    const root = await realPath(this.#options.lab().root)
    const path = join(root, ...segments)
    // A link or a folder is nothing to keep; what the system refuses is told when it is replaced.
    const handle = await openInside(root, path).catch(() => undefined)
    try {
      return handle ? await keepAside(handle, path, aside) : null
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      throw new CallFailure(say('room.not-kept', { name, folder: aside, why: code ?? message }), writeHelp(error)) // prettier-ignore
    } finally {
      await handle?.close()
    }
  }

  async #restore(name: string, id: string): Promise<BootFiles> {
    const aside = this.#options.aside()
    const kept = aside === undefined ? undefined : await open(join(aside, id)).catch(() => undefined)
    if (!kept)
      throw new CallFailure(say('room.no-longer-kept', { name }), say('room.replaced-kept-day')) // prettier-ignore
    try {
      const { size } = await kept.stat()
      const arriving = await this.#begin(name, size, true)
      await eachPiece(kept, (piece) => this.#append(arriving, piece))
      return await this.#finish(arriving)
    } finally {
      await kept.close()
    }
  }

  async #image(name: string): Promise<DiscImage | null> {
    const folder = await BootFolder.open(this.#options.lab().root)
    const found = await folder.openFile(name)
    if (!found.ok)
      throw new CallFailure(say('room.unreadable', { name, why: found.reason }), say('room.refresh-boot-folder'))
    try {
      return (await describeImage(found.handle, found.size)) ?? null
    } catch (error) {
      if (!(error instanceof IsoError)) throw error
      throw new CallFailure(say('room.damaged-image', { name, why: error.message }), say('room.copy-again'))
    } finally {
      await found.handle.close()
    }
  }

  async #sizes(names: readonly string[]): Promise<(number | null)[]> {
    const folder = await BootFolder.open(this.#options.lab().root).catch(() => undefined)
    const sizes: (number | null)[] = []
    for (const name of names) {
      const found = await folder?.openFile(name)
      if (found?.ok) await found.handle.close()
      sizes.push(found?.ok ? found.size : null)
    }
    return sizes
  }

  async #readText(name: string): Promise<{ text: string }> {
    const folder = await BootFolder.open(this.#options.lab().root)
    const found = await folder.openFile(name)
    if (!found.ok)
      throw new CallFailure(say('room.unreadable', { name, why: found.reason }), say('room.refresh-boot-folder'))
    try {
      if (found.size > mostTextBytes) throw new CallFailure(say('room.too-long', { name }), say('room.use-editor'))
      const bytes = await readWhole(found)
      // As text it would be written back as something else.
      if (bytes.includes(0)) throw new CallFailure(say('room.not-utf8', { name }), say('room.use-its-program'))
      return { text: bytes.toString('utf8') }
    } finally {
      await found.handle.close()
    }
  }
}

/** Folders of a file that is added, one below the other, so that none is made outside through a link. */
function makeFolders(root: string, folder: string): void {
  if (folder === root) return
  makeFolders(root, dirname(folder))
  if (!isInside(root, realpathSync(dirname(folder)))) throw new OutsideError()
  try {
    mkdirSync(folder)
    likeFolder(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** What root adds to somebody's folder is theirs. */
function likeFolder(path: string): void {
  if (process.geteuid?.() !== 0) return
  const { uid, gid } = statSync(dirname(path))
  if (uid !== 0) chownSync(path, uid, gid)
}
