import { Alert } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { dismissComplaint, useStore } from '../store.ts'

/** The last thing that went wrong: what happened, and what to do about it. */
export function ComplaintBar(): ReactElement | null {
  const complaint = useStore((one) => one.complaint)
  if (!complaint) return null
  return (
    <Alert
      color="red"
      variant="light"
      radius={0}
      icon={<IconAlertTriangle size={18} />}
      title={complaint.about}
      withCloseButton
      closeButtonLabel={t('common.dismiss')}
      onClose={dismissComplaint}
      role="alert"
    >
      {complaint.message}. {complaint.remedy}
    </Alert>
  )
}
