/** Keeps the menu bar in step with the state; it is built anew only where what it shows has changed. */
import { app, Menu } from 'electron'
import { spokenLanguage } from '#messages/text.ts'
import { menuTemplate, type MenuActions, type MenuState } from './menu.ts'

export class MenuBar {
  readonly #act: MenuActions
  #shown = ''

  constructor(act: MenuActions) {
    this.#act = act
  }

  update(changing: Omit<MenuState, 'platform' | 'isPackaged'>): void {
    const state: MenuState = { ...changing, platform: process.platform, isPackaged: app.isPackaged }
    const key = JSON.stringify([spokenLanguage(), state])
    if (key === this.#shown) return
    this.#shown = key
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(state, this.#act)))
  }
}
