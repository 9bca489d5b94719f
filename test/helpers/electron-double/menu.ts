/** `Menu` and `MenuItem`: a tree that can be asked and clicked. */
import { EventEmitter } from 'node:events'
import { app } from './app.ts'
import { BrowserWindow } from './browser-window.ts'

export interface MenuItemOptions {
  readonly id?: string
  readonly label?: string
  readonly role?: string
  readonly type?: 'normal' | 'separator' | 'submenu' | 'checkbox' | 'radio'
  readonly accelerator?: string
  readonly enabled?: boolean
  readonly visible?: boolean
  readonly checked?: boolean
  readonly submenu?: Menu | readonly MenuItemOptions[]
  readonly click?: (item: MenuItem, window: BrowserWindow | undefined, event: object) => void
}

/** Labels as Electron gives them where an item has only a role. */
const labels: Readonly<Record<string, string>> = {
  filemenu: 'File', editmenu: 'Edit', viewmenu: 'View', windowmenu: 'Window', help: 'Help', appmenu: 'PXE Lab',
  undo: 'Undo', redo: 'Redo', cut: 'Cut', copy: 'Copy', paste: 'Paste', delete: 'Delete', selectall: 'Select All',
  reload: 'Reload', forcereload: 'Force Reload', toggledevtools: 'Toggle Developer Tools', resetzoom: 'Actual Size',
  zoomin: 'Zoom In', zoomout: 'Zoom Out', togglefullscreen: 'Toggle Full Screen', minimize: 'Minimize',
  close: 'Close Window', quit: 'Quit', about: 'About PXE Lab', front: 'Bring All to Front', zoom: 'Zoom',
} // prettier-ignore

/** What is below a role that stands for a whole menu. */
const menus: Readonly<Record<string, readonly string[]>> = {
  filemenu: ['quit'],
  editmenu: ['undo', 'redo', 'cut', 'copy', 'paste', 'delete', 'selectAll'],
  viewmenu: ['reload', 'forceReload', 'toggleDevTools', 'resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'],
  windowmenu: ['minimize', 'zoom', 'close'],
}

export class MenuItem {
  readonly id: string | undefined
  readonly role: string | undefined
  readonly type: string
  readonly accelerator: string | undefined
  readonly submenu: Menu | undefined
  label: string
  enabled: boolean
  visible: boolean
  checked: boolean
  readonly #click: MenuItemOptions['click']

  constructor(given: MenuItemOptions) {
    const role = given.role?.toLowerCase()
    const below = given.submenu ?? (role === undefined ? undefined : menus[role]?.map((one) => ({ role: one })))
    this.id = given.id
    this.role = role
    this.label = given.label ?? (role === undefined ? '' : (labels[role] ?? given.role!))
    this.submenu = below instanceof Menu ? below : below && Menu.buildFromTemplate(below)
    this.type = given.type ?? (this.submenu ? 'submenu' : 'normal')
    this.accelerator = given.accelerator
    this.enabled = given.enabled ?? true
    this.visible = given.visible ?? true
    this.checked = given.checked ?? false
    this.#click = given.click
  }

  /** As a person chooses it. */
  readonly click = (): void => {
    if (!this.enabled) return
    if (this.type === 'checkbox') this.checked = !this.checked
    const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
    if (this.#click) this.#click(this, window, {})
    else if (this.role === 'quit') app.quit()
    else if (this.role === 'close') window?.close()
    else if (this.role === 'minimize') window?.minimize()
    else if (this.role === 'reload' || this.role === 'forcereload') window?.webContents.reload()
    else if (this.role === 'togglefullscreen') window?.setFullScreen(!window.isFullScreen())
  }
}

let applicationMenu: Menu | null = null

export class Menu extends EventEmitter {
  readonly items: MenuItem[] = []
  static buildFromTemplate(template: readonly (MenuItemOptions | MenuItem)[]): Menu {
    const menu = new Menu()
    for (const one of template) menu.append(one instanceof MenuItem ? one : new MenuItem(one))
    return menu
  }
  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu
  }
  static getApplicationMenu = (): Menu | null => applicationMenu
  append(item: MenuItem): void {
    this.items.push(item)
  }
  insert(at: number, item: MenuItem): void {
    this.items.splice(at, 0, item)
  }
  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id)
      if (found) return found
    }
    return null
  }
  popup(): void {
    this.emit('menu-will-show')
  }
  closePopup(): void {
    this.emit('menu-will-close')
  }
}
