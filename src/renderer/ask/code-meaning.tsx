import { Anchor, Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import { readCode } from '#shared/diagnosis/inverse/codes.ts'
import { scenariosShowing } from '#shared/diagnosis/inverse/dialogue.ts'
import type { Space } from '#shared/diagnosis/inverse/space.ts'
import { findPxeError } from '#shared/diagnosis/pxe-errors.ts'
import { addressOf } from '../route.ts'

const sentence = (meaning: string | undefined): string =>
  meaning === undefined ? 'Not used.' : `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`

/** What a code means, on BIOS and on UEFI, and the scenarios that play it. */
export function CodeMeaning({ space, code }: { readonly space: Space; readonly code: string }): ReactElement | null {
  const read = readCode(code)
  if (read === undefined) return null
  const error = findPxeError(read)
  const scenarios = scenariosShowing(space, read)
  if (!error && scenarios.length === 0) return null
  return (
    <section className="section" aria-label={read}>
      <Title order={2} className="mono">
        {read}
      </Title>
      {error && (
        <dl className="ask-meaning">
          <dt>On BIOS</dt>
          <dd>{sentence(error.bios)}</dd>
          <dt>On UEFI</dt>
          <dd>{sentence(error.uefi)}</dd>
          <dt>Look at</dt>
          <dd>{error.look}</dd>
        </dl>
      )}
      {scenarios.length > 0 && (
        <Text size="sm" mt={4}>
          Played by{' '}
          {scenarios.map(({ id, title }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <Anchor size="sm" href={addressOf('simulator', id)}>
                {title}
              </Anchor>
            </span>
          ))}
          .
        </Text>
      )}
    </section>
  )
}
