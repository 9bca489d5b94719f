/** The icons, beside the built files as beside the sources. */
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../resources/desktop')

/** Also of notifications; Windows takes that of its window from the program itself. */
export const windowIcon = join(folder, 'window.png')
/** A file with twice the size lies beside it. */
export const trayIcon = join(folder, 'tray.png')
