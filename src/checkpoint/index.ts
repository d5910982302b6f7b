export { type Imported, type ImportOptions, importModel } from './import.js';
