/** A sign outside the window that this machine answers others: an icon in the tray, on macOS a badge in the dock. */
import { app, Menu, nativeImage, Tray } from 'electron'
import type { Status } from '#shared/contract/calls.ts'
import { trayIcon } from './icons.ts'
import { traySign } from './tray-sign.ts'

export interface TrayActions {
  show(): void
  stop(): void
  quit(): void
}

export class TraySign {
  readonly #act: TrayActions
  #tray: Tray | undefined
  #shown: string | undefined

  constructor(act: TrayActions) {
    this.#act = act
  }

  update(status: Status | undefined, labName: string): void {
    const sign = status && traySign(status, labName)
    if (sign === this.#shown) return
    this.#shown = sign
    if (process.platform === 'darwin') {
      app.dock?.setBadge(sign === undefined ? '' : '●')
      return
    }
    if (sign === undefined) {
      this.#tray?.destroy()
      this.#tray = undefined
      return
    }
    if (!this.#tray) {
      this.#tray = new Tray(nativeImage.createFromPath(trayIcon))
      this.#tray.on('click', () => this.#act.show())
      this.#tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: 'Show PXE Lab', click: () => this.#act.show() },
          { label: 'Stop responding', click: () => this.#act.stop() },
          { type: 'separator' },
          { label: 'Quit', click: () => this.#act.quit() },
        ]),
      )
    }
    this.#tray.setToolTip(sign)
  }
}
