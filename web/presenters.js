// @ts-check
/** The choice of who speaks: a picture for each avatar the server has. */
import { read } from './told.js';

/**
 * @typedef {object} Presenter
 * @property {string} id
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {string} background what lies behind the picture, `#rrggbb`
 * @property {string} picture address of what they look like at rest
 */

/**
 * Fills `place` and shows it when there is a choice. A server that does not tell (LiveTalking's) leaves it hidden.
 * @param {HTMLElement} place
 * @param {(presenter: Presenter) => void} choose called with the server's own choice, then with each of the user's
 */
export async function presenters(place, choose) {
  const response = await fetch('/avatars').catch(() => undefined);
  if (!response?.ok) return;
  /** @type {{told?: {data?: {avatars: Omit<Presenter, 'picture'>[], preset: string | null}}}} */
  const { told: { data } = {} } = read(response, await response.text());
  const known = (data?.avatars ?? []).map((avatar) => ({
    ...avatar,
    picture: `/avatars/${encodeURIComponent(avatar.id)}/picture`,
  }));
  // Another page may have sent the reader here to meet somebody.
  const wished = new URLSearchParams(location.search).get('avatar');
  const first =
    known.find(({ id }) => id === wished) ?? known.find(({ id }) => id === data?.preset) ?? known[0];
  if (first === undefined) return;
  for (const presenter of known) place.append(card(presenter, presenter === first, choose));
  place.hidden = known.length < 2;
  choose(first);
}

/**
 * @param {Presenter} presenter
 * @param {boolean} checked
 * @param {(presenter: Presenter) => void} choose
 */
function card(presenter, checked, choose) {
  const label = document.createElement('label');
  const radio = document.createElement('input');
  const picture = document.createElement('img');
  radio.type = 'radio';
  radio.name = 'presenter';
  radio.value = presenter.id;
  radio.checked = checked;
  radio.addEventListener('change', () => choose(presenter));
  picture.src = presenter.picture;
  picture.alt = '';
  picture.style.background = presenter.background;
  label.append(radio, picture, presenter.name);
  return label;
}
