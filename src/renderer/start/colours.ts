/** Light and dark from anywhere: the component that owns the choice says how. */
let toggle: () => void = () => {}

export const onSwitchColours = (work: () => void): void => {
  toggle = work
}
export const switchColours = (): void => toggle()
