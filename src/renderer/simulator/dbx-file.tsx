/** A person's own dbx for a simulated machine, read in this page: it goes to no server, so that the simulator without one has it too. */
import { t } from '#messages/text.ts'
import { Button, FileButton, Group, Text } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { mostDbxBytes, revokedNamesIn } from '#shared/wire/secure-boot/revoked-names.ts'

interface Told {
  readonly text: string
  readonly isProblem: boolean
}

/** Reads a file and says what of it counts; `onRead` is given what it revokes. */
async function read(file: File, onRead: (names: readonly string[]) => void): Promise<Told> {
  try {
    const revoked = file.size > mostDbxBytes ? undefined : revokedNamesIn(new Uint8Array(await file.arrayBuffer()))
    if (!revoked) return { text: t('simulator.dbx-is-none', { file: file.name }), isProblem: true }
    onRead(revoked.names)
    const { names, programs, unread } = revoked
    return { text: t('simulator.dbx-read', { file: file.name, certificates: names.length, programs, unread }), isProblem: false } // prettier-ignore
  } catch (error) {
    return { text: t('simulator.dbx-unreadable', { file: file.name, reason: (error as Error).message }), isProblem: true } // prettier-ignore
  }
}

export function DbxFile({ onRead }: { readonly onRead: (names: readonly string[]) => void }): ReactElement {
  const [told, setTold] = useState<Told>()
  return (
    <Group gap={8} align="center">
      <FileButton onChange={(file) => file && void read(file, onRead).then(setTold)}>
        {(props) => (
          <Button {...props} size="compact-xs" variant="default">
            {t('simulator.dbx-open')}
          </Button>
        )}
      </FileButton>
      {told && (
        <Text size="xs" role={told.isProblem ? 'alert' : 'status'} c={told.isProblem ? 'red' : 'dimmed'}>
          {told.text}
        </Text>
      )}
    </Group>
  )
}
