export { events, lines, type ServerEvent } from '../../service/sse.js';
