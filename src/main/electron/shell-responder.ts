/** The responder's process as the back end gets it from the shell, which starts and supervises both. */
import type { MessageEvent, MessagePortMain, ParentPort } from 'electron'
import type { ResponderSource, SourceListener } from '../responder-process/source.ts'
import { channelOf } from './port-channel.ts'
import type { ResponderNews } from './responder.ts'

export class ShellResponder implements ResponderSource {
  readonly #shell: ParentPort
  /** What comes before somebody listens. */
  #early: (() => void)[] = []
  #listener: SourceListener | undefined

  constructor(shell: ParentPort) {
    this.#shell = shell
    shell.on('message', ({ data, ports: [port] }: MessageEvent) => {
      const tell = (): void => this.#hear(data as ResponderNews, port)
      if (this.#listener) tell()
      else this.#early.push(tell)
    })
  }

  open(listener: SourceListener): void {
    this.#listener = listener
    for (const tell of this.#early.splice(0)) tell()
  }

  #hear(news: ResponderNews, port: MessagePortMain | undefined): void {
    if (news.type === 'responder' && port) this.#listener?.up(channelOf(port))
    if (news.type === 'responder-ended') this.#listener?.down(news.how, news.restartsInMs)
  }

  retry(): void {
    this.#shell.postMessage({ type: 'retry-responder' })
  }

  end(why: string): void {
    this.#shell.postMessage({ type: 'end-responder', why })
  }

  /** Electron does not run as root, so there is nothing to give up. */
  renew(): Promise<void> {
    return Promise.resolve()
  }

  /** It ends with the shell, which may have started another back end for it. */
  close(): Promise<void> {
    return Promise.resolve()
  }
}
