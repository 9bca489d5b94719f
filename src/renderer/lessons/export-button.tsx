import { Button, Tooltip } from '@mantine/core'
import { IconPackageExport } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { call, hasBackEnd } from '../connection.ts'
import { download } from '../parts/download.ts'
import { attempt } from '../store.ts'
import type { Args } from '#shared/contract/calls.ts'

type Wanted = Args<'lessons.export'>

/** Saves the course, or one lesson, as a package for a learning platform; there where a back end has the pages that go into it. */
export function ExportButton({ wanted }: { readonly wanted: () => Wanted | Promise<Wanted> }): ReactElement | null {
  const [isBusy, setBusy] = useState(false)
  if (!hasBackEnd) return null
  const save = async (): Promise<void> => {
    setBusy(true)
    await attempt(t('scorm.export'), async () => {
      const { name, base64 } = await call('lessons.export', await wanted())
      download(
        name,
        Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)),
        'application/zip',
      )
    })
    setBusy(false)
  }
  return (
    <Tooltip label={t('scorm.export-hint')} multiline maw={280}>
      <Button
        size="xs"
        variant="default"
        loading={isBusy}
        leftSection={<IconPackageExport size={15} />}
        onClick={() => void save()}
      >
        {t('scorm.export')}
      </Button>
    </Tooltip>
  )
}
