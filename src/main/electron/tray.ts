/** A sign outside the window that this machine answers others: an icon in the tray, on macOS a badge in the dock. */
import { app, Menu, nativeImage, Tray } from 'electron'
import { spokenLanguage, t } from '#messages/text.ts'
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
  /** Of its menu. */
  #language: string | undefined

  constructor(act: TrayActions) {
    this.#act = act
  }

  update(status: Status | undefined, labName: string): void {
    const sign = status && traySign(status, labName)
    if (sign === this.#shown && this.#language === spokenLanguage()) return
    this.#shown = sign
    if (process.platform === 'darwin') {
      this.#language = spokenLanguage()
      app.dock?.setBadge(sign === undefined ? '' : '●')
      return
    }
    if (sign === undefined) {
      this.#tray?.destroy()
      this.#tray = undefined
      this.#language = spokenLanguage()
      return
    }
    if (!this.#tray) {
      this.#tray = new Tray(nativeImage.createFromPath(trayIcon))
      this.#tray.on('click', () => this.#act.show())
      this.#language = undefined
    }
    if (this.#language !== spokenLanguage())
      this.#tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: t('desktop.show-pxe-lab'), click: () => this.#act.show() },
          { label: t('desktop.stop-responding'), click: () => this.#act.stop() },
          { type: 'separator' },
          { label: t('desktop.quit'), click: () => this.#act.quit() },
        ]),
      )
    this.#language = spokenLanguage()
    this.#tray.setToolTip(sign)
  }
}
