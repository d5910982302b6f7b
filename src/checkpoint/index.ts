export { importModels } from './folder.js';
export { type Imported, type ImportOptions, importModel } from './import.js';
export { readRows, TensorList } from './plain.js';
