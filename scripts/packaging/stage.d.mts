/** Empties `folder` and puts everything into it that a package holds, except modules. */
export function stage(folder: string): void
/** Installs the production modules in `folder` for a system and processor, by Node's names. @throws Error with npm's reason */
export function installProductionModules(folder: string, platform: string, processor: string): Promise<void>
