/** The class of a lab: one at a time, which stays open while windows come and go. */
import type { Handlers, Push } from '#shared/contract/calls.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import type { ClassState } from '#shared/contract/classroom.ts'
import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { openClassDoor, type ClassDoor } from '../web/class-door.ts'
import { pagesFolder } from '../web/pages-folder.ts'

export interface ClassHostOptions {
  readonly onChange: (state: Push<'class'>) => void
  readonly warn: (message: string) => void
}

export class ClassHost {
  readonly #options: ClassHostOptions
  #door: ClassDoor | undefined
  /** One after the other: whoever presses twice opens one. */
  #working: Promise<unknown> = Promise.resolve()
  readonly handlers: Pick<Handlers, 'class.read' | 'class.open' | 'class.lead' | 'class.close'> = {
    'class.read': () => this.#door?.state() ?? null,
    'class.open': ({ host, port }) => this.#inTurn(() => this.#open(host, port)),
    'class.lead': (lead) => {
      if (!this.#door) throw new CallFailure(say('class.not-open'), say('class.not-open-remedy'))
      return this.#door.lead(lead)
    },
    'class.close': () =>
      this.#inTurn(async () => {
        await this.close()
        this.#options.onChange(null)
        return null
      }),
  }

  constructor(options: ClassHostOptions) {
    this.#options = options
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work)
    this.#working = done.catch(() => {})
    return done
  }

  async #open(host: string, port: number): Promise<ClassState> {
    if (this.#door) return this.#door.state()
    const pages = pagesFolder()
    if (pages === undefined) throw new CallFailure(say('class.no-pages'), say('class.no-pages-remedy'))
    try {
      this.#door = await openClassDoor({
        pages,
        host,
        port,
        onChange: this.#options.onChange,
        onError: (error) => this.#options.warn(t('class.door-trouble', { message: error.message })),
      })
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      const [why, remedy] =
        code === 'EADDRINUSE'
          ? [say('class.port-taken', { port: String(port) }), say('class.port-taken-remedy')]
          : code === 'EADDRNOTAVAIL'
            ? [say('class.no-address', { host }), say('class.no-address-remedy')]
            : [say('class.cannot-open', { host, port: String(port), code }), say('class.port-taken-remedy')]
      throw new CallFailure(why, remedy)
    }
    const state = this.#door.state()
    this.#options.onChange(state)
    return state
  }

  async close(): Promise<void> {
    const door = this.#door
    this.#door = undefined
    await door?.close()
  }
}
