// Typed here: the declarations of resedit bring those of a browser, which this project's Node half must not see.

/** Writes the stub for one system into `folder`. */
export function writeStubElectron(folder: string, system: 'linux' | 'win32'): void
