// @ts-check
/** Sends a form and tells how much of it has gone: `fetch` does not say. */
import { Refused } from './api.js';

/** @param {string} path @param {FormData} form @param {(share: number) => void} progress 0 to 1 @returns {Promise<void>} */
export function send(path, form, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      progress(total > 0 ? loaded / total : 0),
    );
    request.addEventListener('error', () => reject(new Error('The connection was lost.')));
    request.addEventListener('load', () => {
      const told = /** @type {{code?: number, msg?: string} | null} */ (request.response);
      if (request.status === 200 && told?.code === 0) resolve();
      else reject(new Refused(request.status, told?.msg ?? request.statusText));
    });
    request.send(form);
  });
}
