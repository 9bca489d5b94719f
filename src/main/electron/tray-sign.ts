/** What the tray says; undefined while nothing is listened to. */
import { t } from '#messages/text.ts'
import type { Status } from '#shared/contract/calls.ts'

export function traySign({ state, interfaces }: Status, labName: string): string | undefined {
  if (state !== 'responding' && state !== 'listening') return undefined
  return interfaces.length > 0
    ? t('desktop.tray-on', { lab: labName, state, interfaces })
    : t('desktop.tray', { lab: labName, state })
}
