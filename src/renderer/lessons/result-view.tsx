import { Button, Group, Table, Text, Title } from '@mantine/core'
import { useEffect, useRef, type ReactElement } from 'react'
import type { LessonResult, ResultLine } from '#shared/lessons/engine.ts'
import { t, textOf } from '#messages/text.ts'
import { addressOf } from '../route.ts'
import { coursePage } from './place.ts'

const howOf = ({ done, wrong, hints }: ResultLine): string => {
  if (done === undefined) return t('lesson.how-open')
  if (done === 'shown') return t('lesson.how-shown')
  if (done === 'skipped') return t('lesson.how-skipped')
  if (wrong.length > 0) return t('lesson.how-wrong', { count: wrong.length })
  return hints > 0 ? t('lesson.how-hints', { count: hints }) : t('lesson.how-right')
}

/** Score, time, what was wrong, and the answers that were given. */
export function ResultView({
  result,
  nextAddress,
  onAgain,
  isAlone,
}: {
  readonly result: LessonResult
  readonly nextAddress: string | undefined
  readonly onAgain: () => void
  readonly isAlone: boolean
}): ReactElement {
  const top = useRef<HTMLHeadingElement>(null)
  useEffect(() => top.current?.focus(), [])
  const { score, of, ms, lines } = result
  return (
    <section className="lesson-task" aria-labelledby="lesson-result" tabIndex={0}>
      <div className="lesson-done">
        <Title order={2} size="h4" id="lesson-result" ref={top} tabIndex={-1}>
          {t('lesson.result', { score, of })}
        </Title>
        <Text c="dimmed">{t('lesson.time', { seconds: ms / 1000 })}</Text>
        <Table verticalSpacing={6} mt="sm" aria-label={t('lesson.answers')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('lesson.question')}</Table.Th>
              <Table.Th>{t('lesson.own-answers')}</Table.Th>
              <Table.Th>{t('lesson.how')}</Table.Th>
              <Table.Th ta="right">{t('lesson.points')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.id}>
                <Table.Td>{line.text.trim().split('\n')[0]!.replaceAll('`', '')}</Table.Td>
                <Table.Td>
                  {line.wrong.map((one) => (
                    <Text key={textOf(one)} size="sm" td="line-through">
                      {textOf(one)}
                    </Text>
                  ))}
                  {line.answer !== undefined && <Text size="sm">{textOf(line.answer)}</Text>}
                </Table.Td>
                <Table.Td>{howOf(line)}</Table.Td>
                <Table.Td ta="right" className="tight">
                  {t('lesson.points-of', { points: line.points, of: line.of })}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group gap="xs" mt="md">
          {nextAddress !== undefined && (
            <Button component="a" size="xs" href={nextAddress}>
              {t('lesson.next-lesson')}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={onAgain}>
            {t('lesson.again')}
          </Button>
          {!isAlone && (
            <Button component="a" size="xs" variant="default" href={addressOf('simulator', coursePage)}>
              {t('lesson.all')}
            </Button>
          )}
        </Group>
      </div>
    </section>
  )
}
