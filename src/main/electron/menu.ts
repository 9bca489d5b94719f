/** The menu bar as a value: what it holds follows from the state, and each item names what it does. */
import type { MenuItemConstructorOptions } from 'electron'
import { t, textOf } from '#messages/text.ts'
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
    { id: 'new-lab', label: t('desktop.new-lab'), accelerator: 'CmdOrCtrl+N', click: () => act.newLab() },
    { id: 'open-lab', label: t('desktop.open-lab'), accelerator: 'CmdOrCtrl+O', click: () => act.openLab() },
    {
      id: 'open-capture',
      label: t('desktop.open-capture'),
      accelerator: 'CmdOrCtrl+Shift+O',
      click: () => act.openCapture(),
    },
    {
      id: 'open-recent',
      label: t('desktop.open-recent'),
      enabled: recent.length > 0,
      submenu: [
        ...recent,
        line,
        {
          id: 'clear-recent',
          label: t('desktop.clear-list'),
          enabled: recent.length > 0,
          click: () => act.clearRecent(),
        },
      ],
    },
    line,
    {
      id: 'save-lab-as',
      label: t('desktop.save-lab-as'),
      accelerator: 'CmdOrCtrl+Shift+S',
      enabled: state.hasLab,
      click: () => act.saveLabAs(),
    },
    ...(state.platform === 'darwin'
      ? [line, { role: 'close' as const, label: t('desktop.close-window') }]
      : [line, { id: 'quit', role: 'quit' as const, label: t('desktop.quit'), accelerator: 'CmdOrCtrl+Q' }]),
  ]
}

const editMenu = (act: MenuActions): Items => [
  { role: 'undo', label: t('desktop.undo') },
  { role: 'redo', label: t('desktop.redo') },
  line,
  { role: 'cut', label: t('desktop.cut') },
  { role: 'copy', label: t('desktop.copy') },
  { role: 'paste', label: t('desktop.paste') },
  { role: 'delete', label: t('desktop.delete') },
  line,
  { role: 'selectAll', label: t('desktop.select-all') },
  line,
  // The page listens to these keys itself, in the browser too: the menu only shows them.
  {
    id: 'search',
    label: t('desktop.search'),
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
  { role: 'resetZoom', label: t('desktop.actual-size') },
  { role: 'zoomIn', label: t('desktop.zoom-in') },
  { role: 'zoomOut', label: t('desktop.zoom-out') },
  line,
  { role: 'reload', label: t('common.reload') },
  { role: 'togglefullscreen', label: t('desktop.full-screen') },
  ...(state.isPackaged ? [] : [{ role: 'toggleDevTools' as const, label: t('desktop.developer-tools') }]),
]

const responderMenu = (state: MenuState, act: MenuActions): Items => [
  { id: 'start', label: t('common.start'), accelerator: 'F5', enabled: state.canStart, click: () => act.start() },
  { id: 'stop', label: t('common.stop'), accelerator: 'Shift+F5', enabled: state.canStop, click: () => act.stop() },
]

const about = (act: MenuActions): MenuItemConstructorOptions => ({
  id: 'about',
  label: t('shell.about'),
  click: () => act.show('about'),
})

const helpMenu = (state: MenuState, act: MenuActions): Items => [
  // The page listens to F1 itself, in the browser too: the menu only shows it.
  {
    id: 'help',
    label: t('desktop.help-page'),
    accelerator: 'F1',
    registerAccelerator: false,
    click: () => act.show('help'),
  },
  { id: 'documentation', label: t('desktop.documentation'), click: () => act.openDocumentation() },
  {
    id: 'shortcuts',
    label: t('shell.shortcuts'),
    accelerator: 'CmdOrCtrl+/',
    click: () => act.show('shortcuts'),
  },
  line,
  { id: 'open-log-folder', label: t('shell.log-folder'), click: () => act.openLogFolder() },
  ...(state.platform === 'darwin' ? [] : [line, about(act)]),
]

/** Built in to the first menu of every application on macOS, where About and Settings belong. */
const appMenu = (act: MenuActions): MenuItemConstructorOptions => ({
  role: 'appMenu',
  label: 'PXE Lab',
  submenu: [
    about(act),
    line,
    { id: 'app-settings', label: t('desktop.settings'), accelerator: 'Cmd+,', click: () => act.go('settings') },
    line,
    { role: 'services', label: t('desktop.services') },
    line,
    { role: 'hide', label: t('desktop.hide') },
    { role: 'hideOthers', label: t('desktop.hide-others') },
    { role: 'unhide', label: t('desktop.show-all') },
    line,
    { role: 'quit', label: t('desktop.quit-pxe-lab') },
  ],
})

export function menuTemplate(state: MenuState, act: MenuActions): Items {
  const isMac = state.platform === 'darwin'
  // macOS underlines no letter, and would show the sign.
  const heading = (label: string): string => (isMac ? label.replace(/\(&.\)$|&/, '') : label)
  return [
    ...(isMac ? [appMenu(act)] : []),
    { label: heading(t('desktop.menu-file')), submenu: fileMenu(state, act) },
    { label: heading(t('desktop.menu-edit')), submenu: editMenu(act) },
    { label: heading(t('desktop.menu-view')), submenu: viewMenu(state, act) },
    { label: heading(t('desktop.menu-responder')), submenu: responderMenu(state, act) },
    ...(isMac ? [{ role: 'windowMenu' as const, label: t('desktop.menu-window') }] : []),
    { role: 'help', label: heading(t('desktop.menu-help')), submenu: helpMenu(state, act) },
  ]
}
