import { Button } from '@mantine/core'
import { IconUsersGroup } from '@tabler/icons-react'
import { notifications } from '@mantine/notifications'
import type { ReactElement } from 'react'
import type { ClassPlace } from '#shared/contract/classroom.ts'
import { t } from '#messages/text.ts'
import { useStore } from '../store.ts'
import { lead } from './lead.ts'

/** Takes the class to what this window shows; there while one is open. */
export function ClassButton({
  place,
}: {
  readonly place: () => ClassPlace | Promise<ClassPlace>
}): ReactElement | null {
  const isOpen = useStore((one) => one.classroom !== null && one.classroom !== undefined)
  if (!isOpen) return null
  const take = async (): Promise<void> => {
    if (await lead({ do: 'take', place: await place() })) notifications.show({ message: t('class.taken') })
  }
  return (
    <Button size="compact-sm" variant="default" leftSection={<IconUsersGroup size={15} />} onClick={() => void take()}>
      {t('class.take-here')}
    </Button>
  )
}
