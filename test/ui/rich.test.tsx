/** A sentence with a link in it, whatever stands in what goes into it. */
import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { say } from '../../src/messages/message.ts'
import { Rich } from '../../src/renderer/parts/rich.tsx'

test('what stands between tags is drawn by their function, and a value is no tag', () => {
  const message = say('shell.hub-on', { machine: '<name>evil</name> & co' })
  const { container } = render(<Rich message={message} tags={{ name: (inside) => <a href="#x">{inside}</a> }} />)
  expect(container.textContent).toBe('Hub on <name>evil</name> & co')
  expect(screen.getAllByRole('link').map((one) => one.textContent)).toEqual(['Hub'])
})

test('without a function for it, the text of a tag remains', () => {
  const { container } = render(<Rich message={say('shell.hub-on', { machine: 'deploy1' })} tags={{}} />)
  expect(container.textContent).toBe('Hub on deploy1')
})
