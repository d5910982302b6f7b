/** `/v1/ice`: what a viewer has to know before it makes its offer. */
import { randomUUID } from 'node:crypto';
import type { Sessions } from '../../session/sessions.js';
import { toldServers } from '../../webrtc/ice.js';
import { serversOf } from '../../webrtc/sending.js';
import { IceServerList } from '../contract/v1.js';
import type { Api } from './api.js';

export function iceRoute(api: Api, sessions: Sessions): void {
  api.route(
    {
      method: 'GET',
      path: '/v1/ice',
      summary: 'STUN and TURN servers for an RTCPeerConnection, a relay with a user of its own for a day',
      status: 200,
      answer: IceServerList,
    },
    () => {
      const { stun, turn } = sessions.helpers;
      const told = toldServers(serversOf(stun, turn), randomUUID());
      return { iceServers: told.map(({ url, ...user }) => ({ urls: url, ...user })) };
    },
  );
}
