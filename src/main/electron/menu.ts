/** The menu bar as a value: what it holds follows from the state, and each item names what it does. */
import type { MenuItemConstructorOptions } from 'electron'
import { textOf } from '#messages/text.ts'
import { pageLinks, type PageName } from '#shared/contract/pages.ts'
import type { OpenedFile, Sheet } from '#shared/contract/shell.ts'
import { labelOf } from './recent.ts'

export interface MenuState {
  readonly platform: NodeJS.Platform
  readonly isPackaged: boolean
  /** Whether the lab file exists and can be saved elsewhere. */
  readonly hasLab: boolean
  readonly canStart: boolean
  readonly canStop: boolean
  readonly recent: readonly OpenedFile[]
}

export interface MenuActions {
  newLab(): void
  openLab(): void
  openCapture(): void
  openRecent(file: OpenedFile): void
  clearRecent(): void
  saveLabAs(): void
  start(): void
  stop(): void
  go(page: PageName): void
  show(sheet: Sheet): void
  openDocumentation(): void
  openLogFolder(): void
}

type Items = MenuItemConstructorOptions[]
const line = { type: 'separator' } as const

function fileMenu(state: MenuState, act: MenuActions): Items {
  const recent: Items = state.recent.map((file) => ({
    // A single & would underline the letter behind it.
    label: labelOf(file, state.recent).replaceAll('&', '&&'),
    click: () => act.openRecent(file),
  }))
  return [
    { id: 'new-lab', label: 'New lab…', accelerator: 'CmdOrCtrl+N', click: () => act.newLab() },
    { id: 'open-lab', label: 'Open lab…', accelerator: 'CmdOrCtrl+O', click: () => act.openLab() },
    { id: 'open-capture', label: 'Open capture…', accelerator: 'CmdOrCtrl+Shift+O', click: () => act.openCapture() },
    {
      id: 'open-recent',
      label: 'Open recent',
      enabled: recent.length > 0,
      submenu: [
        ...recent,
        line,
        { id: 'clear-recent', label: 'Clear list', enabled: recent.length > 0, click: () => act.clearRecent() },
      ],
    },
    line,
    {
      id: 'save-lab-as',
      label: 'Save lab as…',
      accelerator: 'CmdOrCtrl+Shift+S',
      enabled: state.hasLab,
      click: () => act.saveLabAs(),
    },
    ...(state.platform === 'darwin'
      ? [line, { role: 'close' as const }]
      : [line, { id: 'quit', role: 'quit' as const, label: 'Quit', accelerator: 'CmdOrCtrl+Q' }]),
  ]
}

const editMenu = (act: MenuActions): Items => [
  { role: 'undo' },
  { role: 'redo' },
  line,
  { role: 'cut' },
  { role: 'copy' },
  { role: 'paste' },
  { role: 'delete' },
  line,
  { role: 'selectAll' },
  line,
  // The page listens to these keys itself, in the browser too: the menu only shows them.
  {
    id: 'search',
    label: 'Search pages and actions…',
    accelerator: 'CmdOrCtrl+K',
    registerAccelerator: false,
    click: () => act.show('search'),
  },
]

const viewMenu = (state: MenuState, act: MenuActions): Items => [
  ...pageLinks.map(({ page, label }, index) => ({
    id: `page-${page}`,
    label: textOf(label),
    accelerator: `CmdOrCtrl+${index + 1}`,
    click: () => act.go(page),
  })),
  line,
  { role: 'resetZoom', label: 'Actual size' },
  { role: 'zoomIn' },
  { role: 'zoomOut' },
  line,
  { role: 'reload' },
  { role: 'togglefullscreen' },
  ...(state.isPackaged ? [] : [{ role: 'toggleDevTools' as const, label: 'Developer tools' }]),
]

const responderMenu = (state: MenuState, act: MenuActions): Items => [
  { id: 'start', label: 'Start', accelerator: 'F5', enabled: state.canStart, click: () => act.start() },
  { id: 'stop', label: 'Stop', accelerator: 'Shift+F5', enabled: state.canStop, click: () => act.stop() },
]

const about = (act: MenuActions): MenuItemConstructorOptions => ({
  id: 'about',
  label: 'About PXE Lab',
  click: () => act.show('about'),
})

const helpMenu = (state: MenuState, act: MenuActions): Items => [
  // The page listens to F1 itself, in the browser too: the menu only shows it.
  {
    id: 'help',
    label: 'Help for this page',
    accelerator: 'F1',
    registerAccelerator: false,
    click: () => act.show('help'),
  },
  { id: 'documentation', label: 'Documentation on the web', click: () => act.openDocumentation() },
  {
    id: 'shortcuts',
    label: 'Keyboard shortcuts',
    accelerator: 'CmdOrCtrl+/',
    click: () => act.show('shortcuts'),
  },
  line,
  { id: 'open-log-folder', label: 'Open log folder', click: () => act.openLogFolder() },
  ...(state.platform === 'darwin' ? [] : [line, about(act)]),
]

/** Built in to the first menu of every application on macOS, where About and Settings belong. */
const appMenu = (act: MenuActions): MenuItemConstructorOptions => ({
  role: 'appMenu',
  label: 'PXE Lab',
  submenu: [
    about(act),
    line,
    { id: 'app-settings', label: 'Settings…', accelerator: 'Cmd+,', click: () => act.go('settings') },
    line,
    { role: 'services' },
    line,
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    line,
    { role: 'quit', label: 'Quit PXE Lab' },
  ],
})

export function menuTemplate(state: MenuState, act: MenuActions): Items {
  const isMac = state.platform === 'darwin'
  return [
    ...(isMac ? [appMenu(act)] : []),
    { label: isMac ? 'File' : '&File', submenu: fileMenu(state, act) },
    { label: isMac ? 'Edit' : '&Edit', submenu: editMenu(act) },
    { label: isMac ? 'View' : '&View', submenu: viewMenu(state, act) },
    { label: isMac ? 'Responder' : '&Responder', submenu: responderMenu(state, act) },
    ...(isMac ? [{ role: 'windowMenu' as const }] : []),
    { role: 'help', label: isMac ? 'Help' : '&Help', submenu: helpMenu(state, act) },
  ]
}
