import { tellBytes } from '#shared/contract/amounts.ts'
import { t } from '#messages/text.ts'
import { Button, Group, Progress, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { cancelArriving, useArriving } from './upload.ts'

/** The file that is being copied into the boot folder; nothing where none is. */
export function ArrivingBar(): ReactElement | null {
  const arriving = useArriving((one) => one.arriving)
  if (!arriving) return null
  const { name, sent, size, waiting } = arriving
  return (
    <Group className="arriving" gap={12} wrap="nowrap" role="status">
      <Text size="sm" className="mono" truncate>
        {name}
      </Text>
      <Progress flex={1} value={size > 0 ? (sent / size) * 100 : 0} aria-label={t('files.copied', { file: name })} />
      <Text size="sm" className="arriving-count">
        {waiting > 0
          ? t('files.more', { sent: tellBytes(sent), total: tellBytes(size), count: waiting })
          : t('files.sent-of', { sent: tellBytes(sent), total: tellBytes(size) })}
      </Text>
      <Button size="compact-xs" variant="default" onClick={cancelArriving}>
        {t('common.cancel')}
      </Button>
    </Group>
  )
}
