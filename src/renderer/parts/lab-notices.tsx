import { t, textOf } from '#messages/text.ts'
import { Alert, Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { isGrave, type LabNotice } from '#shared/lab/boot-check.ts'
import { addressOf } from '../route.ts'

const isOfWeight = (notice: LabNotice): boolean => isGrave(notice) || notice.level === 'warning'

function NoticeBox({
  title,
  color,
  role,
  notices,
  isAtFiles,
}: {
  readonly title: string
  readonly color: string
  readonly role: 'alert' | 'note'
  readonly notices: readonly LabNotice[]
  readonly isAtFiles: boolean
}): ReactElement | null {
  if (notices.length === 0) return null
  return (
    <Alert color={color} variant={role === 'note' ? 'default' : 'light'} title={title} role={role} mb={12}>
      <ul className="notice-list">
        {notices.map((one) => (
          <li key={textOf(one.text)}>
            {textOf(one.text)}. <strong>{textOf(one.remedy)}</strong>
          </li>
        ))}
      </ul>
      {!isAtFiles && (
        <Button component="a" href={addressOf('files')} size="compact-sm" mt={8} variant="default">
          {t('parts.boot-files')}
        </Button>
      )}
    </Alert>
  )
}

/** What the lab leaves its clients without, and apart from it what may be meant so; nothing where there is nothing to say. */
export function LabNotices({
  notices,
  isAtFiles = false,
}: {
  readonly notices: readonly LabNotice[]
  /** On the page Boot files, which needs no link to itself. */
  readonly isAtFiles?: boolean
}): ReactElement {
  return (
    <>
      <NoticeBox
        title={t('parts.machines-will-miss')}
        color={notices.some(isGrave) ? 'red' : 'yellow'}
        role="alert"
        notices={notices.filter(isOfWeight)}
        isAtFiles={isAtFiles}
      />
      <NoticeBox
        title={t('parts.worth-knowing')}
        color="gray"
        role="note"
        notices={notices.filter((one) => !isOfWeight(one))}
        isAtFiles
      />
    </>
  )
}
