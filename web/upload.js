// @ts-check
/** Sends a form and tells how much of it has gone: `fetch` does not say. */
import { Refused } from './api.js';
import { read } from './told.js';
import { say } from './words.js';

/** @param {string} path @param {FormData} form @param {(share: number) => void} progress 0 to 1 @returns {Promise<void>} */
export function send(path, form, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      progress(total > 0 ? loaded / total : 0),
    );
    request.addEventListener('error', () => reject(new Error(say('The connection was lost.'))));
    request.addEventListener('load', () => {
      const { problem } = read(request, request.responseText);
      if (problem === undefined) resolve();
      else reject(new Refused(request.status, problem));
    });
    request.send(form);
  });
}
