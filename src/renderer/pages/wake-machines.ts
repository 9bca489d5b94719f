/** Waking machines from the window. */
import { t } from '#messages/text.ts'
import { notifications } from '@mantine/notifications'
import type { Client } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { attempt } from '../store.ts'

/** Whether its hardware address is known: without one nothing can be said to its network card. */
export const canWake = ({ mac }: Client): boolean => !mac.startsWith('at ')

/** Sends wake-up packets, with the password of SecureOn where one is given; what fails is told at the top of the page. */
export async function wake(machines: readonly Client[], password?: string): Promise<void> {
  const done = await attempt(t('pages.wake'), () =>
    call('clients.wake', { macs: machines.map(({ mac }) => mac), ...(password === undefined ? {} : { password }) }),
  )
  if (!done) return
  const [first] = machines
  const who =
    machines.length === 1 ? (first!.name ?? first!.mac) : t('pages.machines-counted', { count: machines.length })
  notifications.show({
    ...(done.failed.length > 0 && { color: 'yellow' }),
    message: [t('pages.wake-up-packet-sent', { machines: who, interfaces: done.sent.join(', ') }), ...done.failed].join(
      '; ',
    ),
  })
}
